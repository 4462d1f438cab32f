#!/usr/bin/env bash
# A release in dist/: one program with everything inside, its settings, documents, checksums and a list of what it is
# made of (SBOM).
set -euo pipefail
cd "$(dirname "$0")/.."
say() { printf '\033[1m==> %s\033[0m\n' "$*"; }

scripts/build.sh --release
say "Putting the site into the program (half a minute)"
version=$(awk -F '"' '/^version/ { print $2; exit }' Cargo.toml)
name=tallyboard-$version-$(uname -m)-linux
rm -rf dist
mkdir -p "dist/$name"
scripts/one-file.sh release "dist/$name/tallyboard"
cp -r Leptos.toml README.md LICENSE CHANGELOG.md docs "dist/$name/"
cp -r packaging "dist/$name/"
say "Listing what it is made of"
cargo metadata --format-version 1 --locked --features ssr --filter-platform "$(rustc -vV | awk '/^host/ { print $2 }')" |
    node scripts/sbom.mjs "$version" >"dist/$name/sbom.cdx.json"
(cd "dist/$name" && find . -type f ! -name SHA256SUMS | sort | xargs sha256sum >SHA256SUMS)
tar --create --gzip --file "dist/$name.tar.gz" --owner=0 --group=0 -C dist "$name"
(cd dist && sha256sum "$name.tar.gz" >SHA256SUMS)

say "Trying it in an empty folder"
scripts/try-release.sh "dist/$name/tallyboard"
du -h "dist/$name/tallyboard" "dist/$name.tar.gz"
