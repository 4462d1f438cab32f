# Few verbs. `make run` and `make test` set up whatever is missing by themselves.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export PATH := $(CURDIR)/node_modules/.bin:$(HOME)/.cargo/bin:$(PATH)
# Where rustup's server is out of reach, setup leaves the name of the toolchain that it made.
toolchain = $(shell cat .toolchain 2>/dev/null)
env = $(if $(toolchain),RUSTUP_TOOLCHAIN=$(toolchain))
server = target/release/tallyboard

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## Build, fill a new database with demo data, serve http://127.0.0.1:3000
	@$(server) seed --if-empty
	@exec $(server) serve

test: setup-test ## Everything: format, lints, Rust tests on both databases, browser tests
	$(env) $(MAKE) --no-print-directory check test-rust api-test build-only test-browser

setup: ## Install what a bare machine lacks
	@scripts/setup.sh

setup-test:
	@scripts/setup.sh test

build: setup ## The release build, in target/release and target/site
	@$(env) scripts/build.sh

build-only:
	@$(env) scripts/build.sh

dev: setup ## Rebuild and reload at every change
	$(env) cargo leptos watch --split


# Debian's Rust has no rustfmt: the default toolchain's does it.
check: ## Format and lints, for the server and for the browser
	env -u RUSTUP_TOOLCHAIN cargo fmt --check
	$(env) cargo clippy --all-targets --features ssr -- -D warnings
	$(env) cargo clippy --lib --features hydrate --target wasm32-unknown-unknown -- -D warnings

test-rust: ## Rust tests, on SQLite and on a PostgreSQL that is started for them
	$(env) scripts/with-postgres.sh cargo test --features ssr

api-test: setup-test ## schemathesis over the API's own document (API_TEST_EXAMPLES=20 an operation)
	$(env) cargo build --quiet --features ssr
	@scripts/api-test.sh

screenshots: build setup-test ## The pictures of docs/GUIDE.md, from the demo data
	cd end2end && npx playwright test --config screenshots.config.ts

test-browser: ## Browser tests against the release build
	cd end2end && ../scripts/with-postgres.sh npx playwright test

cluster: build setup-test ## PostgreSQL, two servers and haproxy on http://127.0.0.1:3000, until Ctrl-C
	@command -v haproxy >/dev/null || scripts/setup.sh cluster
	@scripts/with-postgres.sh scripts/cluster.sh

soak: build setup-test ## 500 sockets, disconnects, restarts, writes (SOAK_SECONDS=600): are all numbers right in the end?
	@$(env) scripts/with-postgres.sh scripts/soak.sh

bench: build ## Measure what docs/PERFORMANCE.md says
	@scripts/bench.sh

.PHONY: help run test setup setup-test build build-only dev check test-rust api-test screenshots test-browser cluster soak bench
