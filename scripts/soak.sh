#!/usr/bin/env bash
# 500 sockets with random disconnects on two servers, one of which is killed and started again every
# minute, and writes all the while; in the end every client's numbers have to be the database's and the
# surviving server's memory flat. SOAK_SECONDS (default 600), SOAK_SOCKETS (default 500).
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${SOAK_SECONDS:-600} sockets=${SOAK_SOCKETS:-500}
cargo build --quiet --release --no-default-features --features ssr --example load
folder=$(mktemp -d /tmp/tallyboard-soak.XXXXXX)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null; rm -rf "$folder"' EXIT
export TALLYBOARD_SERVER_SITE_ROOT=target/site-release DATABASE_URL=$TEST_DATABASE_URL TALLYBOARD_LOG_LEVEL=off TALLYBOARD_LIMITS_ENABLED=false TALLYBOARD_AUTH_SIGNING_KEY=a-key-for-this-soak-alone-32-bytes-long

start() { # INSTANCE PORT: the process that serves
    TALLYBOARD_DATA_DIR=$folder/$1 TALLYBOARD_SERVER_ADDRESS=127.0.0.1:$2 target/release/tallyboard serve >/dev/null &
    server=$!
    until curl -sfo /dev/null "http://127.0.0.1:$2/health"; do sleep 0.2; done
}
start a 3991; steady=$server
start b 3992; shaken=$server
memory() { awk '/VmRSS/ { print $2 }' "/proc/$steady/status"; }

target/release/examples/load soak "$seconds" "$sockets" http://127.0.0.1:3991 http://127.0.0.1:3992 &
load=$!
sleep $((seconds / 4)); early=$(memory)
while kill -0 $load 2>/dev/null; do
    sleep $((seconds < 240 ? seconds / 4 : 60)) & wait $! || true
    kill -0 $load 2>/dev/null || break
    echo "soak: $(memory) KiB resident; the other instance is killed and started again"
    kill -9 $shaken; wait $shaken 2>/dev/null || true
    start b 3992; shaken=$server
done
late=$(memory)
wait $load
echo "memory of the instance that was never restarted: $early KiB after a quarter, $late KiB at the end"
awk -v early="$early" -v late="$late" 'BEGIN { exit late > early * 1.25 + 8192 }' || { echo "soak: memory grew" >&2; exit 1; }
