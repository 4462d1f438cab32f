# `make run` and `make test` set up whatever is missing by themselves.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export PATH := $(CURDIR)/node_modules/.bin:$(HOME)/.cargo/bin:$(PATH)
# The name of the toolchain that setup has made where rustup's server is out of reach.
toolchain = $(shell cat .toolchain 2>/dev/null)
# Incremental compilation pays from the second build on, which a CI run does not have.
env = $(if $(toolchain),RUSTUP_TOOLCHAIN=$(toolchain)) $(if $(CI),CARGO_INCREMENTAL=0)
server = target/debug/tallyboard
# Before a step that takes longer than a few seconds, how long it took when it was last measured (docs/PERFORMANCE.md).
say = @printf '\033[1m==> %s\033[0m\n'

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## Build, fill a new database with demo data, serve http://127.0.0.1:3000
	@$(server) seed --if-empty
	@exec $(server) serve

test: setup-test ## Everything: format, lints, Rust tests on both databases, browser tests
	env $(env) $(MAKE) --no-print-directory format words check-scripts test-rust
	$(say) "The API's and MCP's own testers, while the release's WASM is built (6.5 minutes)"
	@env $(env) scripts/site.sh --release >target/release-site.log 2>&1 & site=$$!; \
	    env $(env) $(MAKE) --no-print-directory api-test mcp-test; tested=$$?; \
	    wait $$site; built=$$?; cat target/release-site.log; [ $$tested = 0 ] && [ $$built = 0 ]
	env $(env) $(MAKE) --no-print-directory site one-file test-browser budget

setup: ## Install what a bare machine lacks
	@scripts/setup.sh

setup-test:
	@scripts/setup.sh test

build: setup ## The build that run and the tests use, in target/debug and target/site
	@env $(env) scripts/build.sh

optimised: setup ## The optimised build, in target/release and target/site-release
	@env $(env) scripts/build.sh --release

site: ## The browser's part alone, in target/site
	@env $(env) scripts/site.sh

# A separate site: cargo-leptos empties the folder, and would write the names of its files beside the server.
dev: setup ## Rebuild and restart at every change (installs cargo-leptos on first use)
	@scripts/setup.sh leptos
	@env $(env) cargo build --quiet --package tallyboard-site
	$(say) "Building and watching (the first time about 6 minutes more than make run)"
	@env $(env) PATH="$(CURDIR)/scripts/cargo-leptos:$(PATH)" LEPTOS_SITE_ROOT=target/dev-site \
	    LEPTOS_HASH_FILE_NAME=../dev-site/hash.txt TALLYBOARD_SERVER_SITE_ROOT=target/dev-site cargo leptos watch --split

check-leptos: setup ## Whether cargo leptos build --release --split makes the same files as crates/site
	@scripts/setup.sh leptos
	@env $(env) scripts/check-leptos.sh

# Debian's Rust has no rustfmt, so the default toolchain formats.
format:
	@env -u RUSTUP_TOOLCHAIN cargo fmt --all --check

# What the server sends as it is: nothing compiles it, so nothing else finds a name that's wrong.
check-scripts: setup ## Types and lints of the JavaScript in src/scripts and public (a second or two)
	@tsc --project src/scripts && tsc --project src/scripts/tsconfig.worker.json
	@oxlint --deny-warnings src/scripts public

words:
	@scripts/words.py

# Clippy is the compiler (scripts/rustc): what is built here is what run and the tests use.
check: format words check-scripts site ## Format, wording and lints, for the server and for the browser
	$(say) "Building with clippy (about 9 minutes cold, half a minute after a change)"
	env $(env) cargo build --all-targets --features ssr

# What differs between versions of PostgreSQL: roles, policies, transactions, LISTEN, migrations, backups, plans.
version_tests = store_test isolation transaction_test row_level_security:: postgres:: live:: migrations:: plans:: doctor:: \
    copy:: backup:: broken_backups:: outage::
# They wait for each other's servers more than they compute.
rust_tests = RUST_TEST_THREADS=8 scripts/with-postgres.sh cargo test --features ssr

test-rust: setup-test ## Rust tests, on SQLite and on Debian's PostgreSQL; what depends on its version on 18, too
	$(say) "Rust tests (about 16 minutes cold, 11 of them compiling)"
	env $(env) $(rust_tests)
	$(say) "The tests that depend on PostgreSQL's version, on 18 (2.5 minutes)"
	env $(env) POSTGRES_VERSION=18 $(rust_tests) -- $(version_tests)

test-postgres: setup-test ## All Rust tests on PostgreSQL 15, 17 and 18
	set -e; for version in 15 17 18; do \
	    echo "==> PostgreSQL $$version"; \
	    env $(env) POSTGRES_VERSION=$$version $(rust_tests); \
	done

api-test: setup-test ## schemathesis over the API's own document (API_TEST_EXAMPLES=20 an operation)
	env $(env) cargo build --quiet --features ssr
	@scripts/api-test.sh

mcp-test: setup-test ## The protocol's own referees over /mcp: conformance suite, inspector, SDK
	env $(env) cargo build --quiet --features ssr --bin tallyboard --example conformance
	@scripts/mcp-test.sh

screenshots: build setup-test ## The pictures of docs/GUIDE.md, from the demo data
	cd end2end && npx playwright test --config screenshots.config.ts

one-file: # The server of the Rust tests with the site inside, for the browser tests
	@env $(env) scripts/one-file.sh debug target/one-file/tallyboard

release: setup ## One program with everything inside, checksums and a list of its parts, in dist/
	@env $(env) scripts/release.sh

faults: setup-test ## Kills, a dead, slow and lying database, a failing disk, a clock that steps: 25 rounds of each, about 10 minutes
	@command -v strace >/dev/null && command -v faketime >/dev/null || scripts/setup.sh faults
	env $(env) FAULT_ROUNDS=25 scripts/with-postgres.sh cargo test --features ssr --test http -- --nocapture \
	    --test-threads 2 faults:: clock_steps:: outage:: full_disk:: backup:: broken_backups:: copy:: limits::slow

test-browser: ## Browser tests, with the server of the Rust tests
	$(say) "Browser tests (about 8 minutes)"
	cd end2end && ../scripts/with-postgres.sh npx playwright test

cluster: build setup-test ## PostgreSQL, two servers and haproxy on http://127.0.0.1:3000, until Ctrl-C
	@command -v haproxy >/dev/null || scripts/setup.sh cluster
	@scripts/with-postgres.sh scripts/cluster.sh

budget: setup-test ## Weigh the release's WASM: bytes of a first load (end2end/budget.json), blocked time
	@env $(env) scripts/site.sh --release
	@env $(env) cargo build --quiet --features ssr
	$(say) "Weighing what a browser loads (half a minute)"
	cd end2end && SITE_ROOT=../target/site-release npx playwright test --config budget.config.ts

soak: optimised setup-test ## 500 sockets, disconnects, restarts, writes (SOAK_SECONDS=600): are all numbers right in the end?
	@env $(env) scripts/with-postgres.sh scripts/soak.sh

bench: optimised ## Measure what docs/PERFORMANCE.md says
	@scripts/bench.sh

.PHONY: format words help run release faults one-file test setup setup-test build optimised site dev check check-scripts check-leptos test-rust test-postgres api-test mcp-test screenshots test-browser budget cluster soak bench
