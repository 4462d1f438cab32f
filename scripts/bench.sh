#!/usr/bin/env bash
# Measures the routes with wrk against a bare axum JSON route, all in one run on loopback, and the
# bytes of a first load. Ratios are what counts: the machine is in both sides of each.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v wrk >/dev/null || { echo "bench: wrk is missing: apt-get install wrk" >&2; exit 1; }
cargo build --quiet --release --no-default-features --features ssr --example bare --example load --example one_insert
seconds=${BENCH_SECONDS:-6}
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$folder"' EXIT
export TALLYBOARD_SERVER_SITE_ROOT=$PWD/target/site-release
export TALLYBOARD_DATA_DIR=$folder TALLYBOARD_LOG_LEVEL=error TALLYBOARD_LIMITS_ENABLED=false
target/release/tallyboard seed >/dev/null
target/release/examples/bare 127.0.0.1:3999 &
TALLYBOARD_SERVER_ADDRESS=127.0.0.1:3998 target/release/tallyboard >/dev/null &
cached=$!
TALLYBOARD_SERVER_ADDRESS=127.0.0.1:3997 TALLYBOARD_DASHBOARD_CACHE_TTL_SECONDS=0 target/release/tallyboard >/dev/null &
for port in 3997 3998 3999; do
    until curl -so /dev/null "http://127.0.0.1:$port/"; do sleep 0.2; done
done
token=$(curl -s 127.0.0.1:3998/api/auth/signin -H 'Content-Type: application/json' \
    -d '{"email":"ada@example.com","password":"tally-my-tasks-2026"}' | sed 's/.*"access_token":"\([^"]*\)".*/\1/')

# rate NAME PORT PATH: requests a second; every answer has to be a success.
rate() {
    local report
    report=$(wrk -t1 -c32 -d"${seconds}s" -H "Authorization: Bearer $token" "http://127.0.0.1:$2$3")
    ! grep -q 'Non-2xx' <<<"$report" || { echo "bench: $1: $report" >&2; exit 1; }
    awk '/Requests\/sec/ { print $2 }' <<<"$report"
}
bare=$(rate bare 3999 /)
show() { awk -v name="$1" -v rate="$2" -v bare="$bare" -v goal="$3" 'BEGIN { printf "%-44s %9.0f/s   %.2f   %s\n", name, rate, rate / bare, goal }'; }
printf '%-44s %11s   ratio  goal\n' "" "requests"
show "bare axum JSON" "$bare" ""
show "statistics over REST, cached" "$(rate cached 3998 /api/dashboard/statistics)" ">= 0.65"
show "statistics over REST, counted (SQLite)" "$(rate counted 3997 /api/dashboard/statistics)" ">= 0.3"
show "dashboard by server function, cached" "$(rate function 3998 /api/ui/dashboard)" ">= 0.35"
show "/dashboard rendered" "$(rate page 3998 /dashboard)" ">= 0.10"
show "a list of 50 tasks" "$(rate list 3998 '/api/tasks?limit=50')" ">= 0.15"
show "/tasks rendered" "$(rate tasks 3998 /tasks)" ">= 0.05"

# posts PORT PATH JSON: requests a second.
posts() {
    printf '%s' "$3" >"$folder/body"
    local report
    report=$(wrk -t1 -c32 -d"${seconds}s" -s scripts/post.lua -H "Authorization: Bearer $personal" "http://127.0.0.1:$1$2" -- "$folder/body")
    ! grep -q 'Non-2xx' <<<"$report" || { echo "bench: $2: $report" >&2; exit 1; }
    awk '/Requests\/sec/ { print $2 }' <<<"$report"
}
call() { printf '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"%s","arguments":%s}}' "$1" "$2"; }
against() { awk -v name="$1" -v mcp="$2" -v rest="$3" 'BEGIN { printf "%-44s %9.0f/s   %.2f of %.0f/s over REST\n", name, mcp, mcp / rest, rest }'; }
personal=$(target/release/tallyboard token create --user ada@example.com --name Bench)
echo; echo "A tool over MCP against the same over REST, with a personal token (goal >= 0.7):"
session=$token token=$personal
rest=$(rate statistics 3998 /api/dashboard/statistics)
for path in activity shared trend teams; do
    rest=$(awk -v a="$rest" -v b="$(rate $path 3998 /api/dashboard/$path)" 'BEGIN { print 1 / (1 / a + 1 / b) }')
done
against "get_statistics, five REST answers in one" "$(posts 3998 /mcp "$(call get_statistics '{}')")" "$rest"
against "list_tasks, one task" "$(posts 3998 /mcp "$(call list_tasks '{"limit":1}')")" "$(rate list 3998 '/api/tasks?limit=1')"
against "create_task" "$(posts 3998 /mcp "$(call create_task '{"title":"Bench"}')")" "$(posts 3998 /api/tasks '{"title":"Bench"}')"
token=$session

echo; echo "Creating tasks over REST, against what the database does by itself (one durable INSERT to a transaction):"
# creates PORT CONNECTIONS: requests a second.
creates() {
    printf '{"title":"Bench"}' >"$folder/body"
    local report
    report=$(wrk -t1 -c"$2" -d"${seconds}s" -s scripts/post.lua -H "Authorization: Bearer $personal" "http://127.0.0.1:$1/api/tasks" -- "$folder/body")
    ! grep -q 'Non-2xx' <<<"$report" || { echo "bench: creates: $report" >&2; exit 1; }
    awk '/Requests\/sec/ { print $2 }' <<<"$report"
}
alone() { awk -v name="$1" -v rate="$2" -v alone="$3" -v goal="$4" 'BEGIN { printf "%-44s %9.0f/s   %.2f of %.0f/s   %s\n", name, rate, rate / alone, alone, goal }'; }
by_itself=$(target/release/examples/one_insert "$folder/alone.db" "$seconds")
alone "SQLite, 16 connections" "$(creates 3998 16)" "$by_itself" ">= 0.50"
alone "SQLite, one connection" "$(creates 3998 1)" "$by_itself" "<= 0.8 ms each"
POSTGRES_FSYNC=on scripts/with-postgres.sh scripts/bench-postgres.sh "$seconds"

echo; echo "Live (examples/load.rs), SQLite on one instance:"
ulimit -n 20000 2>/dev/null || true
load=target/release/examples/load one=http://127.0.0.1:3998
$load echo $one $one
$load fan $one 1000
$load idle $one 5000 $cached
for dashboards in 2000 5000 10000; do $load poll $one $dashboards; done
echo; echo "Live across two instances on PostgreSQL:"
scripts/with-postgres.sh bash -c '
    export DATABASE_URL=$TEST_DATABASE_URL TALLYBOARD_AUTH_SIGNING_KEY=a-key-for-this-bench-alone-32-bytes-long
    for port in 3995 3996; do
        TALLYBOARD_DATA_DIR=$(mktemp -d) TALLYBOARD_SERVER_ADDRESS=127.0.0.1:$port target/release/tallyboard >/dev/null &
        until curl -sfo /dev/null "http://127.0.0.1:$port/health"; do sleep 0.2; done
    done
    target/release/examples/load echo http://127.0.0.1:3995 http://127.0.0.1:3996
    kill $(jobs -p)'

echo; echo "From a write to the screen; a first load:"
(cd end2end && SERVER_BINARY=../target/release/tallyboard SITE_ROOT=../target/site-release ../scripts/with-postgres.sh npx playwright test --config bench.config.ts 2>&1 | grep -E ' writes, | bytes in all')
