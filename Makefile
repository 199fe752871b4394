# The one door to the project: `make help`. Everything sets itself up from the package registries;
# a second run does only what changed.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

# The interpreter that .venv is made of.
PYTHON ?= $(or $(shell command -v python3.11),$(shell command -v python3))

# Compiler flags: .cargo/config.toml asks for this machine's instructions, and nothing else may set
# RUSTFLAGS, or the same crates are compiled twice. PORTABLE=1 asks for none, in a folder of its own.
ifneq ($(filter-out 0,$(PORTABLE)),)
MODE := portable
export RUSTFLAGS :=
export CARGO_TARGET_DIR := $(CURDIR)/target/portable
else
MODE := native
unexport RUSTFLAGS
endif

export VIRTUAL_ENV := $(CURDIR)/.venv
export PATH := $(VIRTUAL_ENV)/bin:$(PATH)
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt
export PIP_QUIET := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

# CI refuses a Cargo.lock that a Cargo.toml has left behind; at the desk cargo mends it.
LOCKED := $(if $(CI),--locked)

FORGE := $(CURDIR)/node_modules/.bin/forge
# Contracts built for the package: all sources and no tests, so that the code is the same each time.
PACKAGED := target/contracts/packaged
RUST_SOURCES := Cargo.toml Cargo.lock .cargo/config.toml $(shell find rust -type f)

# What writes generated files into the tree, one command a line, in this order. Each must give the
# same bytes every time; `make currency` fails when the committed files differ.
define GENERATORS
cargo run $(LOCKED) --release --quiet -p zkperp-schema
python -m zkperp.cairo circuits/programs --output circuits/compiled --root circuits
python -m zkperp.cairo circuits/main.cairo --output circuits/compiled/batch.json --root circuits
cd contracts && $(FORGE) build src --force --quiet --out ../$(PACKAGED) --cache-path ../$(PACKAGED)-cache
python -m zkperp.chain $(PACKAGED)
endef

.PHONY: help build demo test check format generate currency vectors rust-test portable-test contracts python-test fuzz prove-recorded lock clean

help: ## Show this list
	@echo "make [PORTABLE=1] TARGET, where TARGET is one of:"
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "PORTABLE=1 builds for any machine of this architecture, the default is for this one only."

build: .venv/native.stamp ## Build everything: the command is then .venv/bin/zkperp

test: build check rust-test portable-test currency contracts python-test ## Run all that CI runs

demo: .venv/native.stamp node_modules/.stamp ## Match, prove, settle, withdraw, attack; FLOW=feed.csv.gz
	zkperp demo --out target/demo

check: .venv/native.stamp node_modules/.stamp ## Formatters, linters and type checkers, changing nothing
	cargo fmt --all --check
	cargo clippy $(LOCKED) --release --workspace --all-targets -- -D warnings
	ruff format --check .
	ruff check .
	mypy
	stubtest --mypy-config-file pyproject.toml zkperp._native
	cd contracts && { [ -z "$$(find . -name '*.sol' -print -quit)" ] || $(FORGE) fmt --check; }

format: .venv/deps.stamp node_modules/.stamp ## Rewrite sources the way `make check` wants them
	cargo fmt --all
	ruff format .
	ruff check --fix .
	cd contracts && $(FORGE) fmt

generate: .venv/native.stamp node_modules/.stamp ## Write the generated files anew
	@:
	$(GENERATORS)

# Compares everything that git knows or would know before and after, so a generator that writes a
# file too many is seen too.
currency: .venv/native.stamp node_modules/.stamp ## Fail when a generated file is not what its generator writes
	@tree() { git ls-files -co --exclude-standard -z | xargs -0 sha256sum 2>/dev/null || true; }; \
	before=$$(mktemp); tree > $$before; \
	$(MAKE) generate; \
	tree | diff $$before - > $$before.diff \
		|| { cat $$before.diff; echo "stale generated files, now written anew: commit them" >&2; exit 1; }; \
	rm $$before $$before.diff

vectors: .venv/native.stamp ## Write the known answers anew from the Python model, for a deliberate change
	for file in tests/vectors/*/generate.py; do \
		module=$${file%.py}; python -m "$${module//\//.}"; \
	done

rust-test:
	cargo test $(LOCKED) --release --workspace --exclude zkperp-py

portable-test: ## The portable build makes and accepts the same proof as this one
	RUSTFLAGS= CARGO_TARGET_DIR=$(CURDIR)/target/portable \
		cargo test $(LOCKED) --release -p zkperp-prover --test golden

contracts: node_modules/.stamp ## Build the contracts and run their tests
	cd contracts && $(FORGE) build && { [ -z "$$(find test -name '*.t.sol' -print -quit)" ] || $(FORGE) test; }

python-test: .venv/native.stamp
	pytest

# The log goes to target/fuzz-SEED.json, the program's part to target/fuzz-SEED-program.txt. The same
# seed is the same commands; another number of COMMANDS is more or fewer of them.
fuzz: SEED := $(or $(SEED),1)
fuzz: COMMANDS := $(or $(COMMANDS),1000000)
fuzz: .venv/native.stamp ## 1 M commands engine = model, 20 k engine = program; SEED=2 COMMANDS=50000
	python -m tests.differential.fuzz --seed $(SEED) --commands $(COMMANDS)
	ZKPERP_FUZZ_SEED=$(SEED) ZKPERP_FUZZ_COMMANDS=$$(($(COMMANDS) / 50)) \
		cargo test $(LOCKED) --release -p zkperp-witness --test suite -- \
		--exact flow::arbitrary_flow_has_equal_outputs_and_roots --nocapture \
		| tee target/fuzz-$(SEED)-program.txt

prove-recorded: .venv/native.stamp ## Prove 10,000 commands of the recorded flow, FLOW=feed (minutes)
	python -m tests.differential.prove_recorded

lock: ## Resolve the Python packages anew into constraints.txt
	rm -rf target/lock && $(PYTHON) -m venv target/lock
	PIP_CONSTRAINT= target/lock/bin/pip install --upgrade pip
	PIP_CONSTRAINT= target/lock/bin/pip install --group dev
	PIP_CONSTRAINT= target/lock/bin/pip install --only-deps '.[cairo,plots]'
	target/lock/bin/pip freeze --all | sort -f > constraints.txt

clean: ## Remove everything that was built or installed
	rm -rf .venv node_modules target python/zkperp/_native*.so

# What the registries don't bring. Each line says what is missing and what to do.
.PHONY: machine
machine:
	@needs() { echo "this machine needs $$1" >&2; exit 1; }; \
	$(PYTHON) -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| needs "Python 3.11 or later with venv: make PYTHON=/path/to/python3.11"; \
	cargo --version >/dev/null 2>&1 || needs "Rust 1.95 or later: https://rustup.rs"; \
	cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1 \
		|| needs "rustfmt and clippy: rustup component add rustfmt clippy"; \
	node -e 'process.exit(+(parseInt(process.versions.node) < 20))' 2>/dev/null \
		&& npm --version >/dev/null 2>&1 || needs "Node 20 or later with npm: https://nodejs.org"; \
	git --version >/dev/null 2>&1 || needs "git"

.venv/deps.stamp: pyproject.toml constraints.txt | machine
	[ -x .venv/bin/pip ] || $(PYTHON) -m venv .venv
	pip install pip
	pip install --group dev
	@touch $@

# Which of the two builds is installed: changes only when it changes.
.venv/mode: .venv/deps.stamp FORCE
	@echo $(MODE) | cmp -s - $@ || echo $(MODE) > $@

.venv/native.stamp: .venv/deps.stamp .venv/mode $(RUST_SOURCES)
	maturin develop --release $(LOCKED) --extras cairo,plots
	@touch $@

# Not `npm ci`: the lock holds the platforms that the registry had, and `ci` wants all of them.
node_modules/.stamp: package.json package-lock.json | machine
	npm install --no-save --no-progress
	@touch $@

.PHONY: FORCE
FORCE:
