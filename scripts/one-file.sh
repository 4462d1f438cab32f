#!/usr/bin/env bash
# Compiles src/main.rs once more, with the site inside: one-file.sh debug|release OUTPUT. The library and everything below
# it is the one that was built before. Needs the site of the same kind (scripts/site.sh [--release]).
set -euo pipefail
cd "$(dirname "$0")/.."
profile=$1 output=$2
site=$PWD/target/site-build/dev/site archive=$PWD/target/site-$profile.tar
[ "$profile" = debug ] || site=$PWD/target/site-build/release/site
[ -f "$site/hash.txt" ] || { echo "one-file: the site is missing: scripts/site.sh" >&2; exit 1; }
# hash.txt names the files; compressed twins are served as they are.
tar --create --file "$archive" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$site" .
commit=$(git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
[ -z "$(git status --porcelain --untracked-files=no 2>/dev/null)" ] || commit=$commit-changed
options=(--package tallyboard --features ssr --bin tallyboard) flags=(--cfg site_embedded)
if [ "$profile" = release ]; then
    options+=(--release --no-default-features)
    flags+=(-C strip=symbols)
fi
TALLYBOARD_SITE_ARCHIVE=$archive TALLYBOARD_COMMIT=$commit cargo rustc --quiet "${options[@]}" -- "${flags[@]}"
mkdir -p "$(dirname "$output")"
# Not in its place: the program may be running.
cp "target/$profile/tallyboard" "$output.new"
mv "$output.new" "$output"
