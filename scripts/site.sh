#!/usr/bin/env bash
# Builds what the browser gets, with the tool in crates/site: in target/site, or optimised as for a release with
# --release, in target/site-release.
set -euo pipefail
cd "$(dirname "$0")/.."
say() { printf '\033[1m==> %s\033[0m\n' "$*"; }
export PATH="$PWD/node_modules/.bin:$PATH"
target=${CARGO_TARGET_DIR:-target}

[ -x "$target/debug/tallyboard-site" ] || say "Building the tool that builds the site (about 1 minute, once)"
cargo build --quiet --package tallyboard-site
if [ "${1:-}" = --release ]; then
    say "Building the browser's part for a release (about 5 minutes cold, seconds warm)"
else
    say "Building the browser's part (about 2 minutes cold, seconds warm)"
fi
"$target/debug/tallyboard-site" build "$@"
