# `make run` and `make test` set up whatever is missing by themselves.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export PATH := $(CURDIR)/node_modules/.bin:$(HOME)/.cargo/bin:$(PATH)
# The name of the toolchain that setup has made where rustup's server is out of reach.
toolchain = $(shell cat .toolchain 2>/dev/null)
# Incremental compilation pays from the second build on, which a CI run does not have.
env = $(if $(toolchain),RUSTUP_TOOLCHAIN=$(toolchain)) $(if $(CI),CARGO_INCREMENTAL=0)
server = target/release/tallyboard

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## Build, fill a new database with demo data, serve http://127.0.0.1:3000
	@$(server) seed --if-empty
	@exec $(server) serve

test: setup-test ## Everything: format, lints, Rust tests on both databases, browser tests
	env $(env) $(MAKE) --no-print-directory check test-rust api-test mcp-test site one-file test-browser

setup: ## Install what a bare machine lacks
	@scripts/setup.sh

setup-test:
	@scripts/setup.sh test

build: setup ## The release build, in target/release and target/site
	@env $(env) scripts/build.sh

site: ## The browser's part alone, in target/site
	@env $(env) scripts/build.sh site

dev: setup ## Rebuild and restart at every change
	env $(env) cargo leptos watch --split

# Debian's Rust has no rustfmt, so the default toolchain formats.
check: ## Format and lints, for the server and for the browser
	env -u RUSTUP_TOOLCHAIN cargo fmt --check
	env $(env) cargo clippy --all-targets --features ssr -- -D warnings
	env $(env) cargo clippy --lib --features hydrate --target wasm32-unknown-unknown -- -D warnings

# What differs between versions of PostgreSQL: roles, policies, transactions, LISTEN, migrations, backups, plans.
version_tests = store_test isolation transaction_test row_level_security:: postgres:: live:: migrations:: plans:: doctor:: \
    copy:: backup:: broken_backups:: outage::

test-rust: setup-test ## Rust tests, on SQLite and on Debian's PostgreSQL; what depends on its version on 18, too
	env $(env) scripts/with-postgres.sh cargo test --features ssr
	env $(env) POSTGRES_VERSION=18 scripts/with-postgres.sh cargo test --features ssr -- $(version_tests)

test-postgres: setup-test ## All Rust tests on PostgreSQL 15, 17 and 18
	set -e; for version in 15 17 18; do \
	    echo "==> PostgreSQL $$version"; \
	    env $(env) POSTGRES_VERSION=$$version scripts/with-postgres.sh cargo test --features ssr; \
	done

api-test: setup-test ## schemathesis over the API's own document (API_TEST_EXAMPLES=20 an operation)
	env $(env) cargo build --quiet --features ssr
	@scripts/api-test.sh

mcp-test: setup-test ## The protocol's own referees over /mcp: conformance suite, inspector, SDK
	env $(env) cargo build --quiet --features ssr --bin tallyboard --example conformance
	@scripts/mcp-test.sh

screenshots: build setup-test ## The pictures of docs/GUIDE.md, from the demo data
	cd end2end && SERVER_BINARY=../$(server) npx playwright test --config screenshots.config.ts

one-file: # The server of the Rust tests with the site inside, for the browser tests
	@env $(env) scripts/one-file.sh debug target/one-file/tallyboard

release: setup ## One program with everything inside, checksums and a list of its parts, in dist/
	@env $(env) scripts/release.sh

faults: setup-test ## Kills, a dead, slow and lying database, a failing disk, a clock that steps: 25 rounds of each, about 10 minutes
	@command -v strace >/dev/null && command -v faketime >/dev/null || scripts/setup.sh faults
	env $(env) FAULT_ROUNDS=25 scripts/with-postgres.sh cargo test --features ssr --test http -- --nocapture \
	    --test-threads 2 faults:: clock_steps:: outage:: full_disk:: backup:: broken_backups:: copy:: limits::slow

test-browser: ## Browser tests: the release build in the browser, the server of the Rust tests
	cd end2end && ../scripts/with-postgres.sh npx playwright test

cluster: build setup-test ## PostgreSQL, two servers and haproxy on http://127.0.0.1:3000, until Ctrl-C
	@command -v haproxy >/dev/null || scripts/setup.sh cluster
	@scripts/with-postgres.sh scripts/cluster.sh

soak: build setup-test ## 500 sockets, disconnects, restarts, writes (SOAK_SECONDS=600): are all numbers right in the end?
	@env $(env) scripts/with-postgres.sh scripts/soak.sh

bench: build ## Measure what docs/PERFORMANCE.md says
	@scripts/bench.sh

.PHONY: help run release faults one-file test setup setup-test build site dev check test-rust test-postgres api-test mcp-test screenshots test-browser cluster soak bench
