#!/usr/bin/env bash
# `cargo leptos build --release --split` has to keep working: builds the browser's part both ways and compares the names
# of the files without their hashes, the keys of hash.txt, and the keys of the manifest. About 10 minutes cold.
set -euo pipefail
cd "$(dirname "$0")/.."
say() { printf '\033[1m==> %s\033[0m\n' "$*"; }
folder=target/check-leptos
mkdir -p $folder

scripts/site.sh --release
say "Building the same with cargo-leptos (about 6 minutes cold)"
PATH="$PWD/scripts/cargo-leptos:$PWD/node_modules/.bin:$PATH" LEPTOS_SITE_ROOT=$folder/site LEPTOS_HASH_FILE_NAME=../check-leptos/hash.txt \
    cargo leptos build --release --split --frontend-only
# The hash of a file is 22 letters, digits, - or _ before its extension.
names() { (cd "$1" && find . -type f ! -name '*.gz' ! -name '*.br' ! -name hash.txt | sed -E 's/\.[A-Za-z0-9_-]{22}\.([a-z]+)$/.\1/' | sort); }
keys() { cut -d: -f1 "$1" | sort; }
islands() { node -e 'const [file] = process.argv.slice(1); for (const key of Object.keys(JSON.parse(require("fs").readFileSync(file))).sort()) console.log(key)' "$1"/pkg/__wasm_split_manifest.*.json; }
ours=target/site-build/release/site theirs=$folder/site
diff <(names $ours) <(names $theirs) && diff <(keys $ours/hash.txt) <(keys $folder/hash.txt) && diff <(islands $ours) <(islands $theirs) ||
    { echo "check-leptos: cargo-leptos (>) and crates/site (<) do not make the same files" >&2; exit 1; }
echo "  the same: $(names $ours | wc -l) names, $(keys $ours/hash.txt | wc -l) keys of hash.txt, $(islands $ours | wc -l) islands of the manifest"
