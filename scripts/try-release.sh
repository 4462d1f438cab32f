#!/usr/bin/env bash
# Starts a program in an empty folder with nothing beside it, and asks it for a page, a script and a number.
set -euo pipefail
program=$(realpath "$1")
folder=$(mktemp -d /tmp/tallyboard-release.XXXXXX)
trap 'kill $server 2>/dev/null || true; wait 2>/dev/null; rm -rf "$folder"' EXIT
cd "$folder"
cp "$program" ./tallyboard
fail() { echo "try-release: $*" >&2; exit 1; }
env -i PATH=/usr/bin:/bin TALLYBOARD_SERVER_ADDRESS=127.0.0.1:0 ./tallyboard >said &
server=$!
for _ in $(seq 100); do [ -s said ] && break; sleep 0.1; done
url=$(grep -o 'http://[^ ]*' said | head -1)
[ -n "$url" ] || fail "it did not start"
page=$(curl -sf "$url/signup")
count=0
for file in $(grep -o '/pkg/[^"]*' <<<"$page" | sort -u); do
    headers=$(curl -sf -D - -o /dev/null -H 'Accept-Encoding: br' "$url$file") || fail "$file is not there"
    grep -qi '^content-encoding: br' <<<"$headers" || fail "$file is not compressed"
    etag=$(awk 'tolower($1) == "etag:" { print $2 }' <<<"$headers" | tr -d '\r')
    [ "$(curl -s -o /dev/null -w '%{http_code}' -H "If-None-Match: $etag" "$url$file")" = 304 ] || fail "$file has no etag"
    count=$((count + 1))
done
[ $count -gt 0 ] || fail "the page names no file"
curl -sf "$url/healthz" >/dev/null
kill -TERM $server
wait $server || fail "it did not stop in order"
[ "$(ls -A | sort | tr '\n' ' ')" = "data said tallyboard " ] || fail "it left something: $(ls -A)"
echo "  $(./tallyboard --version): page, $count files and stop are fine"
