#!/usr/bin/env bash
# A PostgreSQL, two servers and haproxy before them, on http://127.0.0.1:3000, until Ctrl-C. Nothing of
# it stays. Called by `make cluster` through with-postgres.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v haproxy >/dev/null || { echo "cluster: haproxy is missing: apt-get install haproxy" >&2; exit 1; }
folder=$(mktemp -d /tmp/tallyboard-cluster.XXXXXX)
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$folder"' EXIT
export DATABASE_URL=$TEST_DATABASE_URL TALLYBOARD_LOG_LEVEL=${TALLYBOARD_LOG_LEVEL:-warn}
# One key for all: what one instance signed in, the others know.
TALLYBOARD_AUTH_SIGNING_KEY=$(head -c 48 /dev/urandom | base64 -w0)
export TALLYBOARD_AUTH_SIGNING_KEY
# haproxy says who the client is.
export TALLYBOARD_SERVER_TRUSTED_PROXIES=127.0.0.1
export CLUSTER_ADDRESS=${CLUSTER_ADDRESS:-127.0.0.1:3000} CLUSTER_A=127.0.0.1:3001 CLUSTER_B=127.0.0.1:3002

TALLYBOARD_DATA_DIR=$folder/a target/debug/tallyboard seed
for instance in a b; do
    address=CLUSTER_${instance^^}
    TALLYBOARD_DATA_DIR=$folder/$instance TALLYBOARD_SERVER_ADDRESS=${!address} target/debug/tallyboard serve >/dev/null &
    echo "instance $instance is process $! on http://${!address}"
done
haproxy -q -f scripts/haproxy.cfg -db &
proxy=$!
sleep 1
kill -0 $proxy 2>/dev/null || { echo "cluster: haproxy did not start" >&2; exit 1; }
echo "Tallyboard is on http://$CLUSTER_ADDRESS. Kill an instance and watch; Ctrl-C ends it all."
wait $proxy
