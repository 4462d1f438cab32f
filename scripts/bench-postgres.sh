#!/usr/bin/env bash
# Part of scripts/bench.sh: creates tasks on PostgreSQL over REST, and compares them with pgbench's durable INSERTs. Starts a
# separate cluster (scripts/with-postgres.sh) with fsync on.
set -euo pipefail
seconds=$1
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$folder"' EXIT
psql=("$TEST_POSTGRES_BIN/psql" -q "$TEST_POSTGRES_ADMIN_URL")
export DATABASE_URL=$TEST_DATABASE_URL TALLYBOARD_DATA_DIR=$folder TALLYBOARD_SERVER_ADDRESS=127.0.0.1:3994
target/release/tallyboard seed >/dev/null
target/release/tallyboard >/dev/null &
until curl -sfo /dev/null http://127.0.0.1:3994/health; do sleep 0.2; done
token=$(target/release/tallyboard token create --user ada@example.com --name Bench)
printf '{"title":"Bench"}' >"$folder/body"
report=$(wrk -t1 -c16 -d"${seconds}s" -s scripts/post.lua -H "Authorization: Bearer $token" http://127.0.0.1:3994/api/tasks -- "$folder/body")
! grep -q 'Non-2xx' <<<"$report" || { echo "bench: $report" >&2; exit 1; }
created=$(awk '/Requests\/sec/ { print $2 }' <<<"$report")
"${psql[@]}" -c 'CREATE TABLE bench_item (id bigserial PRIMARY KEY, title text NOT NULL)'
echo "INSERT INTO bench_item (title) VALUES ('Buy milk');" >"$folder/insert.sql"
alone=$("$TEST_POSTGRES_BIN/pgbench" -n -c 16 -j 1 -T "$seconds" -f "$folder/insert.sql" "$TEST_POSTGRES_ADMIN_URL" 2>/dev/null |
    awk '/tps/ && !/including/ { print $3; exit }')
awk -v rate="$created" -v alone="$alone" 'BEGIN { printf "%-44s %9.0f/s   %.2f of %.0f/s   >= 0.25\n", "PostgreSQL, 16 connections", rate, rate / alone, alone }'
