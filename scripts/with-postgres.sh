#!/usr/bin/env bash
# Runs a command with TEST_DATABASE_URL pointing to its own PostgreSQL in a temporary folder, on a free port, gone
# afterwards. POSTGRES_VERSION=17 takes another version than Debian's. The URL is of an ordinary owner, as people have it;
# TEST_POSTGRES_ADMIN_URL is the superuser's, and TEST_POSTGRES_BIN has the programs, for tests that need other roles or a
# cluster of their own. With TEST_DATABASE_URL set, just runs the command.
set -euo pipefail
[ -z "${TEST_DATABASE_URL:-}" ] || exec "$@"

bin=$("$(dirname "$0")/postgres-programs.sh" "${POSTGRES_VERSION:-}")
folder=$(mktemp -d /tmp/tallyboard-postgres.XXXXXX)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' 2>/dev/null || echo $((20000 + $$ % 20000)))
# initdb and postgres refuse to run as root.
as_owner() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
[ "$(id -u)" != 0 ] || chown postgres "$folder"
stop() {
    as_owner "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap stop EXIT
cd /
as_owner "$bin/initdb" -D "$folder/data" -U postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 >/dev/null
# fsync off: nothing here outlives the tests. POSTGRES_FSYNC=on for a bench. max_connections: every test starts its own server.
as_owner "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/log" -o "-p $port -c listen_addresses=127.0.0.1 -k $folder -c fsync=${POSTGRES_FSYNC:-off} -c max_connections=400" start >/dev/null
as_superuser() { as_owner "$bin/psql" -q -h 127.0.0.1 -p "$port" -U postgres -c "$1"; }
as_superuser 'CREATE ROLE tallyboard LOGIN CREATEDB CREATEROLE'
as_superuser 'CREATE DATABASE tallyboard OWNER tallyboard'
export TEST_DATABASE_URL="postgres://tallyboard@127.0.0.1:$port/tallyboard"
export TEST_POSTGRES_ADMIN_URL="postgres://postgres@127.0.0.1:$port/postgres"
export TEST_POSTGRES_BIN="$bin"
# Backups take the pg_dump of the server's version.
export PATH="$bin:$PATH"
cd "$OLDPWD"
"$@"
