#!/usr/bin/env bash
# Brings a bare machine to where it can build and test Tallyboard. Every step is skipped when its
# result is there. Needs no root beyond apt-get and asks nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

CARGO_LEPTOS=0.3.11
say() { printf '\033[1m==> %s\033[0m\n' "$*"; }
have() { command -v "$1" >/dev/null 2>&1; }
missing() { echo "setup: $*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif have sudo; then sudo "$@"; else missing "needs root for: $*"; fi
}

# apt "why" package...: installs the packages that are missing.
apt() {
    local why=$1 wanted=() package
    shift
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || wanted+=("$package")
    done
    [ ${#wanted[@]} -gt 0 ] || return 0
    have apt-get || missing "$why: please install ${wanted[*]} (or what your system calls them)"
    say "$why: ${wanted[*]} (under a minute)"
    if [ -z "${APT_UPDATED:-}" ]; then as_root apt-get -qq update; APT_UPDATED=1; fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${wanted[@]}" >/dev/null
}

build_tools() {
    have cc && have curl || apt "A C compiler for SQLite and zstd's like" build-essential curl ca-certificates pkg-config
    have brotli || apt "Compression of what is served" brotli
    have node && have npm || apt "Node.js for Tailwind and the browser tests" nodejs npm
}

# Rust with the target for WASM: rustup's, where its server can be reached; else Debian's own.
rust() {
    local toolchain
    if [ -f .toolchain ] && RUSTUP_TOOLCHAIN=$(cat .toolchain) wasm_works; then return; fi
    rm -f .toolchain
    if wasm_works; then return; fi
    if have rustup && [ "${TALLYBOARD_DEBIAN_RUST:-}" != 1 ]; then
        say "Rust's target for WASM, from rustup (a few seconds)"
        toolchain=$(rustup show active-toolchain 2>/dev/null | cut -d' ' -f1)
        # rustup itself retries for minutes when its server is out of reach.
        if [ -n "$toolchain" ] && curl -sfI --max-time 10 -o /dev/null "${RUSTUP_DIST_SERVER:-https://static.rust-lang.org}" &&
            timeout 300 rustup target add wasm32-unknown-unknown >/dev/null 2>&1 && wasm_works; then return; fi
        say "rustup's server is out of reach, or its Rust is older than 1.96: Debian's Rust instead"
    fi
    apt "Debian's Rust with its source and linker" rustc-web cargo-web rust-web-src rust-web-clippy lld-22
    local target=/usr/lib/rustlib/wasm32-unknown-unknown/lib
    if ! ls "$target"/libstd-*.rlib >/dev/null 2>&1; then
        say "Rust's standard library for WASM, from source (half a minute)"
        local work
        work=$(mktemp -d)
        mkdir "$work/src" && : >"$work/src/lib.rs"
        printf '[package]\nname = "std-for-wasm"\nversion = "0.0.0"\nedition = "2021"\n' >"$work/Cargo.toml"
        (cd "$work" && PATH=/usr/bin:$PATH RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$work/target" /usr/bin/cargo build --quiet \
            --release --target wasm32-unknown-unknown -Zbuild-std=std,panic_abort,panic_unwind,proc_macro)
        rm -f "$work"/target/wasm32-unknown-unknown/release/deps/libstd_for_wasm-*
        as_root mkdir -p "$target"
        as_root cp "$work"/target/wasm32-unknown-unknown/release/deps/*.rlib "$target/"
        rm -rf "$work"
    fi
    local bin=/usr/lib/rustlib/x86_64-unknown-linux-gnu/bin
    [ -e $bin/rust-lld ] || { as_root mkdir -p $bin; as_root ln -s /usr/lib/llvm-22/bin/lld $bin/rust-lld; }
    if have rustup; then
        rustup toolchain list | grep -q '^debian' || rustup toolchain link debian /usr
        echo debian >.toolchain
    fi
    RUSTUP_TOOLCHAIN=$(cat .toolchain 2>/dev/null || true) wasm_works || missing "no Rust >= 1.96 with wasm32-unknown-unknown could be had"
}

# Whether the chosen cargo is new enough and can compile for WASM.
wasm_works() {
    [ -n "${RUSTUP_TOOLCHAIN:-}" ] || unset RUSTUP_TOOLCHAIN
    local version
    version=$(rustc --version 2>/dev/null | sed -n 's/^rustc 1\.\([0-9]*\).*/\1/p')
    [ "${version:-0}" -ge 96 ] && ls "$(rustc --print sysroot)"/lib/rustlib/wasm32-unknown-unknown/lib/libstd-*.rlib >/dev/null 2>&1
}

# For `make dev` alone; everything else builds with crates/site.
cargo_leptos() {
    [ "$(cargo leptos --version 2>/dev/null | awk '{print $NF}')" != $CARGO_LEPTOS ] || return 0
    if have cargo-binstall; then
        say "cargo-leptos $CARGO_LEPTOS, as its authors built it (half a minute, once)"
        if timeout 120 cargo binstall --no-confirm --disable-strategies compile "cargo-leptos@$CARGO_LEPTOS"; then return; fi
    fi
    say "cargo-leptos $CARGO_LEPTOS, which rebuilds at every change, from source (6 to 15 minutes, once)"
    if [ -f .toolchain ]; then RUSTUP_TOOLCHAIN=$(cat .toolchain); export RUSTUP_TOOLCHAIN; fi
    CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=256 \
        cargo install cargo-leptos --version $CARGO_LEPTOS --locked
}

npm_packages() {
    local folder=$1 what=$2
    if [ ! -f "$folder/node_modules/.package-lock.json" ] || [ "$folder/package-lock.json" -nt "$folder/node_modules/.package-lock.json" ]; then
        say "$what (a few seconds)"
        (cd "$folder" && npm ci --loglevel=error --no-audit --no-fund)
        touch "$folder/node_modules/.package-lock.json"
    fi
}

# In its own folder: Debian's Python takes no packages from elsewhere.
schemathesis() {
    local home=target/schemathesis wanted=scripts/schemathesis-requirements.txt
    cmp -s $wanted $home/requirements.txt 2>/dev/null && return
    python3 -c 'import ensurepip' 2>/dev/null || apt "Python for schemathesis, which tests the API" python3 python3-venv
    say "schemathesis (a few seconds)"
    rm -rf $home
    python3 -m venv $home
    $home/bin/pip install --quiet --disable-pip-version-check --no-deps --requirement $wanted
    cp $wanted $home/requirements.txt
}

# What tests run of Debian's programs, unpacked and not installed: an installed nginx would listen on port 80.
unpacked_programs() {
    local home=target/tools wanted=() partial
    have nginx || [ -x /usr/sbin/nginx ] || [ -x $home/usr/sbin/nginx ] || wanted+=(nginx)
    have caddy || [ -x $home/usr/bin/caddy ] || wanted+=(caddy)
    PYTHONPATH=$home/usr/lib/python3/dist-packages /usr/bin/python3 -c 'import icalendar' 2>/dev/null ||
        wanted+=(python3-icalendar python3-dateutil python3-six python3-tz)
    [ ${#wanted[@]} -gt 0 ] || return 0
    if ! have apt-get || ! have dpkg-deb; then say "Without apt, tests leave out: ${wanted[*]}"; return 0; fi
    say "Proxies and a reader of calendars for the tests: ${wanted[*]} (a few seconds)"
    if [ -z "${APT_UPDATED:-}" ]; then as_root apt-get -qq update; APT_UPDATED=1; fi
    mkdir -p $home
    partial=$(mktemp -d $home/partial.XXXXXX)
    chmod 755 "$partial"
    (cd "$partial" && apt-get -qq -o APT::Sandbox::User="$(id -un)" download "${wanted[@]}" && for deb in *.deb; do dpkg-deb -x "$deb" ..; done) ||
        say "They can't be had here: tests leave out ${wanted[*]}"
    rm -rf "$partial"
}

test_tools() {
    have chromium || [ -n "${CHROMIUM_PATH:-}" ] || apt "A browser for the tests" chromium
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || [ -n "${TEST_DATABASE_URL:-}" ] || apt "PostgreSQL for the tests" postgresql
    have rustfmt || cargo fmt --version >/dev/null 2>&1 || missing "rustfmt is missing: rustup component add rustfmt"
    have haproxy || [ -x /usr/sbin/haproxy ] || apt "A proxy whose settings the tests check" haproxy || say "Tests leave haproxy out"
    unpacked_programs
    npm_packages end2end "Playwright"
    npm_packages end2end/mcp "The conformance suite of MCP, its inspector, an SDK, Node 22: a minute"
    schemathesis
    scripts/postgres-programs.sh 18 >/dev/null
}

export PATH="$HOME/.cargo/bin:$PATH"
build_tools
rust
npm_packages . "Tailwind, lightningcss, esbuild, wasm-opt, TypeScript and oxlint"
[ "${1:-}" != test ] || test_tools
[ "${1:-}" != leptos ] || cargo_leptos
[ "${1:-}" != faults ] || apt "What makes system calls fail and the clock step" strace faketime
[ "${1:-}" != cluster ] || apt "A proxy before two servers" haproxy
