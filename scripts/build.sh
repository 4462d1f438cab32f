#!/usr/bin/env bash
# The release build: server, split WASM, CSS, and everything compressed once instead of per request.
set -euo pipefail
cd "$(dirname "$0")/.."
printf '\033[1m==> %s\033[0m\n' "Building the release (about 8 minutes cold, seconds warm)"
cargo leptos build --release --split
# Once, here, and not for every request.
find target/site -type f \( -name '*.js' -o -name '*.wasm' -o -name '*.css' -o -name '*.svg' -o -name '*.json' \) | while read -r file; do
    [ "$file.br" -nt "$file" ] || { gzip -9 --keep --force "$file"; brotli --best --keep --force "$file"; }
done
