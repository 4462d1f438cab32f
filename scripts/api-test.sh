#!/usr/bin/env bash
# Runs schemathesis over the OpenAPI document of a fresh server, with a signed-in user: every
# check, a bounded number of examples an operation. API_TEST_EXAMPLES says how many (default 20),
# API_TEST_SEED which (default 1, so that a run can be repeated).
set -euo pipefail
cd "$(dirname "$0")/.."
st=$PWD/target/schemathesis/bin/st
server=$PWD/target/debug/tallyboard
[ -x "$st" ] || { echo "api-test: schemathesis is missing: scripts/setup.sh test" >&2; exit 1; }
[ -x "$server" ] || { echo "api-test: the server is missing: cargo build --features ssr" >&2; exit 1; }

folder=$(mktemp -d /tmp/tallyboard-api-test.XXXXXX)
cp scripts/schemathesis.toml "$folder"
cd "$folder"
TALLYBOARD_DATA_DIR=$folder TALLYBOARD_SERVER_ADDRESS=127.0.0.1:0 TALLYBOARD_LOG_LEVEL=error TALLYBOARD_LIMITS_ENABLED=false "$server" serve >"$folder/said" &
process=$!
trap 'kill $process 2>/dev/null || true; wait $process 2>/dev/null || true; rm -rf "$folder"' EXIT
until grep -q 'is on' "$folder/said"; do
    kill -0 $process 2>/dev/null || { echo "api-test: the server did not start" >&2; exit 1; }
    sleep 0.1
done
url=$(head -1 "$folder/said" | grep -o 'http://[^ ]*')

ask() { curl -sS --fail-with-body -H 'Content-Type: application/json' "$@"; }
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
account='{"name":"Schema Thesis","email":"schemathesis@example.org","password":"quiet-lantern-97-harbour"}'
ask "$url/api/auth/signup" -d "$account" >/dev/null
sign_in() { ask "$url/api/auth/signin" -d "${account/\"name\":\"Schema Thesis\",/}" | field access_token; }
# The second for what ends a session; at once, because the first may change the account's address.
token=$(sign_in)
second=$(sign_in)

# What is made here the lists show, and their cursors lead on from.
cursor=
for title in one two three; do ask "$url/api/tasks" -H "Authorization: Bearer $token" -d "{\"title\":\"$title\"}" >/dev/null; done
cursor=$(ask "$url/api/tasks?limit=1" -H "Authorization: Bearer $token" | field next_cursor)
sed -i "s/@CURSOR@/$cursor/" schemathesis.toml

run() { "$st" run "$url/api/openapi.json" --checks all --max-examples "${API_TEST_EXAMPLES:-20}" --seed "${API_TEST_SEED:-1}" --no-color "$@"; }
# Two operations end the session that asks; they have one of their own, after the others.
run -H "Authorization: Bearer $token" --exclude-operation-id sign_out --exclude-operation-id end_session "$@"
ask "$url/api/auth/me" -H "Authorization: Bearer $token" >/dev/null || { echo "api-test: the session did not last" >&2; exit 1; }
run -H "Authorization: Bearer $second" --include-operation-id sign_out --include-operation-id end_session "$@"
