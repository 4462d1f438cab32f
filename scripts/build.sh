#!/usr/bin/env bash
# The browser's part and the server: target/site and target/debug/tallyboard, the build that run, dev and the tests use.
# With --release optimised, in target/site-release and target/release/tallyboard.
set -euo pipefail
cd "$(dirname "$0")/.."
say() { printf '\033[1m==> %s\033[0m\n' "$*"; }

scripts/site.sh "$@"
if [ "${1:-}" = --release ]; then
    say "Building the optimised server (about 34 minutes cold, 17 with its dependencies there)"
    cargo build --package tallyboard --bin tallyboard --release --no-default-features --features ssr
else
    say "Building the server (about 9 minutes cold, half a minute after a change)"
    cargo build --package tallyboard --bin tallyboard --features ssr
fi
