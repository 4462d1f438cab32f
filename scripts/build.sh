#!/usr/bin/env bash
# The release build: the browser's part (WASM, CSS) and the server. `build.sh site` builds the browser's part alone,
# for a server that cargo has built.
set -euo pipefail
cd "$(dirname "$0")/.."
say() { printf '\033[1m==> %s\033[0m\n' "$*"; }
staging=target/site-build site=target/site

# cargo-leptos empties its folder first; a running server would have no files meanwhile.
say "Building the browser's part (about 4 minutes cold, seconds warm)"
LEPTOS_SITE_ROOT=$staging cargo leptos build --release --split --frontend-only
# Compressed once, here, and not for every request.
find $staging -type f \( -name '*.js' -o -name '*.wasm' -o -name '*.css' -o -name '*.svg' -o -name '*.json' \) | while read -r file; do
    gzip -9 --keep --force "$file"
    brotli --best --keep --force "$file"
done
# A running server names the files of the build that it was started with: they stay until the next build.
mkdir -p $site
(cd $staging && find . -type f | sort) >target/site-files.new
cp -r $staging/. $site/
if ! cmp -s target/site-files target/site-files.new; then
    (cd $site && find . -type f | sort) | comm -23 - <(cat target/site-files.new target/site-files 2>/dev/null | sort -u) |
        while read -r file; do rm "$site/$file"; done
    mv target/site-files.new target/site-files
fi
# The server reads the names of the files beside its own binary.
mkdir -p target/debug
cp target/release/hash.txt target/debug/hash.txt
[ "${1:-}" != site ] || exit 0

say "Building the server (about 8 minutes cold, seconds warm)"
cargo leptos build --release --split --server-only
