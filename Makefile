# 四单 · Sidan. `make` alone lists the targets; each one first sets up what it needs in .venv/.
# Overridable: PORT, PYTHON (3.11 or newer), JOBS (processes of the tests: half as many again as cores, for they wait
# for databases), ARGS (handed on to the tool, as in make test ARGS="-k offers").
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PORT ?= 8000
PYTHON ?= python3
ARGS ?=
JOBS ?= $(shell echo $$(( ($$(getconf _NPROCESSORS_ONLN 2> /dev/null || echo 2) * 3 + 1) / 2 )))
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check

# A stamp is named after what it was made from, so that new pins mean a new stamp and an old branch its old one.
stamp = .venv/$(1)-$(shell cat requirements$(2).txt pyproject.toml 2> /dev/null | cksum | cut -d' ' -f1)
RUNTIME := $(call stamp,runtime,)
DEV := $(call stamp,dev,-dev)
BENCH := $(call stamp,bench,-bench)

.PHONY: help setup run test test-long lint format bench bench-service bench-matching bench-planning bench-clock bench-trust torture attack openapi sbom licences requirements clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(RUNTIME) ## create .venv/ with the pinned runtime and the `sidan` command
	@echo "就绪 · ready: $(BIN)/sidan"

run: $(RUNTIME) ## serve on 127.0.0.1:8000 (PORT=...), with a demonstration district if the database is empty
	@exec $(BIN)/sidan serve --port $(PORT) $(ARGS)

# Compiled files are kept, whatever the environment says: dozens of processes are started, and each would compile anew.
PYTEST := exec env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest

test: $(DEV) ## run every test, on SQLite and on a PostgreSQL server of its own
	@$(PYTEST) -n $(JOBS) --dist worksteal $(ARGS)

test-long: $(DEV) ## the same with every drawn case and every repeated race, not the suite's share of them
	@SIDAN_THOROUGH=1 $(PYTEST) -n $(JOBS) --dist worksteal $(ARGS)

lint: $(DEV) ## style, types, import contracts, secrets, known vulnerabilities, and the OpenAPI document
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m supply.leaks
	@$(BIN)/python -m supply.audit
	@$(BIN)/openapi-spec-validator openapi/openapi.json
	@openapi/lint

format: $(DEV) ## put imports and layout in order
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

bench: bench-service bench-matching bench-planning bench-clock bench-trust ## measure everything beside its limits and its peers (a quarter of an hour)

bench-service: $(BENCH) ## the busiest routes beside pgbench, bare asyncpg and Django REST
	@$(BIN)/python -m benchmarks $(ARGS)

bench-matching: $(BENCH) ## ranking beside PostGIS, SQL and Redis, and the route that answers with it
	@$(BIN)/python -m benchmarks.matching $(ARGS)
	@$(BIN)/python -m benchmarks.matching.route

bench-planning: $(BENCH) ## plans of the queue beside their bound, greedy and HiGHS
	@$(BIN)/python -m benchmarks.planning $(ARGS)

bench-clock: $(BENCH) ## due notices settled beside their bare SQL, and a thousand who listen
	@$(BIN)/python -m benchmarks.worker $(ARGS)
	@$(BIN)/python -m benchmarks.live

attack: $(DEV) ## call everything with everything, and live many lives of orders, for ten minutes (ARGS=minutes)
	@SIDAN_ATTACK_MINUTES=$(or $(ARGS),10) $(PYTEST) -n 2 -rP tests/attacks/test_schemathesis.py tests/attacks/test_lives.py

bench-trust: $(BENCH) ## what sealing, scope, rates and guards cost, each beside the service without it
	@$(BIN)/python -m benchmarks.trust $(ARGS)

torture: $(DEV) ## kill and restart everything under load for three minutes, then look for a broken promise (ARGS=--bugs)
	@exec $(BIN)/python -m torture $(ARGS)

openapi: $(RUNTIME) ## write openapi/openapi.json, the contract, from the code
	@$(BIN)/sidan openapi

sbom: $(DEV) ## write build/sbom.cdx.json, the bill of materials of the runtime (CycloneDX)
	@$(BIN)/python -m supply.bom

licences: $(DEV) ## write docs/licences.md, the licences of the runtime
	@$(BIN)/python -m supply.licences

requirements: .venv/tools ## pin the requirements again from pyproject.toml (ARGS=--upgrade for newer versions)
	@$(call compile,,)
	@$(call compile,-dev,--extra dev -c requirements.txt)
	@$(call compile,-bench,--extra dev --extra bench -c requirements-dev.txt)

clean: ## remove .venv/ and caches; the data in data/ stays
	@rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist build

# The lock lets two makes start at once; the second finds the first one's stamp and is done.
define install
	@mkdir -p .venv; exec 9> .venv/lock; if command -v flock > /dev/null; then flock 9; fi; \
	test ! -f $@ || exit 0; \
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "需要 Python 3.11 或更新版本 · Python 3.11 or newer is needed: make PYTHON=python3.11 ..." >&2; exit 1; }; \
	$(BIN)/python -m pip --version > /dev/null 2>&1 \
	  || { echo "创建环境 · creating .venv with $$($(PYTHON) --version)"; $(PYTHON) -m venv .venv; }; \
	echo "安装依赖 · installing the $$(grep -c == $(1)) packages of $(1)"; \
	trap 'test $$? = 0 || cat .venv/pip.log >&2' EXIT; \
	$(PIP) --progress-bar off --require-hashes -r $(1) 2> .venv/pip.log \
	  | awk -v tty="$$(test -t 1 && echo 1 || echo 0)" \
	    '/^Collecting / { n++; if (tty) { printf "\r  %d %s\033[K", n, $$2; fflush() } } \
	     END { if (tty && n) printf "\r\033[K" }'; \
	$(PIP) --quiet --no-deps --no-build-isolation --editable . 2> .venv/pip.log; \
	touch $@
endef

$(RUNTIME): ; $(call install,requirements.txt)
$(DEV): ; $(call install,requirements-dev.txt)
$(BENCH): ; $(call install,requirements-bench.txt)

# The build back end is pinned beside the rest, so that installing `sidan` itself downloads nothing unpinned.
compile = CUSTOM_COMPILE_COMMAND='make requirements' .venv/tools/bin/pip-compile --quiet --generate-hashes \
  --strip-extras --allow-unsafe --all-build-deps --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
  --output-file requirements$(1).txt $(2) $(ARGS) pyproject.toml

.venv/tools:
	@$(PYTHON) -m venv $@ && $@/bin/python -m pip install --disable-pip-version-check --quiet pip-tools==7.6.2
