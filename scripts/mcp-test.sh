#!/usr/bin/env bash
# The protocol's own referees for /mcp: end2end/mcp/README.md says who and what.
set -euo pipefail
cd "$(dirname "$0")/.."
tests=$PWD/end2end/mcp server=$PWD/target/debug/tallyboard fixtures=$PWD/target/debug/examples/conformance
node=$(ls "$tests"/node_modules/node-linux-*/bin/node 2>/dev/null | head -1)
[ -n "$node" ] || { echo "mcp-test: Node 22 is missing: scripts/setup.sh test" >&2; exit 1; }
suite=$tests/node_modules/@modelcontextprotocol/conformance/dist/index.js
folder=$(mktemp -d /tmp/tallyboard-mcp-test.XXXXXX)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$folder"' EXIT
export TALLYBOARD_LOG_LEVEL=off TALLYBOARD_LIMITS_ENABLED=false

# first_line FILE: waits for a program to say where it is.
first_line() {
    local tries
    for tries in {1..300}; do
        [ ! -s "$1" ] || break
        sleep 0.1
    done
    [ -s "$1" ] || { echo "mcp-test: a program did not start within 30 seconds" >&2; exit 1; }
    head -1 "$1"
}

# conform REVISION NAME [fixture option] -- [suite options]
conform() {
    local revision=$1 name=$2 address token
    shift 2
    local options=()
    while [ "$1" != -- ]; do options+=("$1"); shift; done
    shift
    mkdir "$folder/$name"
    (cd "$folder/$name" && TALLYBOARD_DATA_DIR=. exec "$fixtures" "${options[@]}" >said) &
    local process=$!
    read -r address token <<<"$(first_line "$folder/$name/said")"
    "$node" "$tests/proxy.mjs" "$address" "$token" >"$folder/$name/proxy" &
    local proxy=$! report=$folder/$name/report
    if ! (cd "$folder/$name" && "$node" "$suite" server --url "$(first_line "$folder/$name/proxy")/mcp" --requirements "$revision" "$@") >"$report" 2>&1; then
        sed -n '/SUMMARY/,$p' "$report" | grep . || cat "$report"
        echo "mcp-test: $name failed" >&2
        exit 1
    fi
    kill $process $proxy
    local required passed
    required=$("$node" "$suite" list --requirements "$revision" | sed -n '/^Server scenarios/,/^$/s/^  - //p')
    passed=$(sed -n 's/^✓ \([a-z0-9-]*\): [1-9].*/\1/p' "$report" | grep -cxF "$required")
    echo "  $name: $passed of $(wc -l <<<"$required") required scenarios passed"
}

conform 2026-07-28 "conformance-2026-07-28" --
conform 2025-11-25 "conformance-2025-11-25" -- --expected-failures "$tests/expected-2025-11-25.yaml" --timeout 5000
conform 2025-11-25 "conformance-2025-11-25-with-sessions" --sessions --

export TALLYBOARD_DATA_DIR=$folder TALLYBOARD_SERVER_ADDRESS=127.0.0.1:0
email=ada@example.com
"$server" seed >/dev/null
token=$("$server" token create --user $email --name "Referees")
"$server" serve >"$folder/said" &
url=$(first_line "$folder/said" | grep -o 'http://[^ ]*')
MCP_CATALOG_PATH=$folder/inspector.json "$node" "$tests/inspector.mjs" "$url" "$token"
"$node" "$tests/session.mjs" "$url" "$token" $email tally-my-tasks-2026
"$node" "$tests/oauth.mjs" "$url" $email tally-my-tasks-2026
