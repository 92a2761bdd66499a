# Two commands for a stranger: `make demo` and `make test`. Both create their environment.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
UV_VERSION := 0.13.9
BIN := .venv/bin
READY := .venv/.ready-$(shell cat requirements.lock pyproject.toml 2>/dev/null | cksum | cut -d' ' -f1)
ARGS ?=

# Byte code is written once, at install: Dagster starts three times faster with it.
export UV_COMPILE_BYTECODE := 1
unexport PYTHONDONTWRITEBYTECODE
unexport VIRTUAL_ENV

ROUNDS ?= 100
LINKS ?= 50
SEED ?=

.PHONY: help demo test thorough fuzz chaos month hapi conformance bench lint format lock clean
.DEFAULT_GOAL := help

help: ## Show the commands.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

demo: $(READY) ## Carry a week of sandbox readings to an EHR (ARGS='--once --json --ehr hapi').
	@$(BIN)/ohx demo $(ARGS)

test: $(READY) ## Run every test (ARGS are pytest's).
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

thorough: $(READY) ## Run what make test leaves out: demo, a month, the canary at DEBUG, chaos in short.
	@OHX_TEST_THOROUGH=1 $(BIN)/python -m pytest -n 2 --dist loadfile -m thorough $(ARGS)

fuzz: $(READY) ## Give each parser of files 100,000 spoiled ones (FUZZ_INPUTS=n FUZZ_SEED=n).
	@FUZZ_INPUTS=$${FUZZ_INPUTS:-100000} $(BIN)/python -m pytest -n 2 --dist load -p no:randomly tests/fuzz $(ARGS)

chaos: $(READY) ## Kill processes under backfills and count what is lost (ROUNDS=100 SEED=n).
	@ROUNDS=$(ROUNDS) SEED=$(SEED) $(BIN)/python -m tests.chaos

month: $(READY) ## Carry a month of corrections and deletions and look for differences (LINKS=50 SEED=n).
	@OHX_TEST_THOROUGH=1 MONTH_LINKS=$(LINKS) SEED=$(SEED) $(BIN)/python -m pytest -q -s -p no:randomly tests/integration/test_month.py $(ARGS)

hapi: $(READY) ## Serve HAPI FHIR R5, strict and in memory; needs a JDK and Maven (ARGS='--port 8080').
	@$(BIN)/python -m sandbox.hapi --explain $(ARGS)

conformance: $(READY) ## Publish to HAPI FHIR and ask its validator; needs a JDK and Maven.
	@$(BIN)/python -m sandbox.hapi --build
	@OHX_TEST_CONFORMANCE=1 $(BIN)/python -m pytest tests/conformance $(ARGS)

bench: $(READY) ## Count requests and time checks, builders and publishing; needs a JDK and Maven.
	@for one in checks mapping vendor_calls file_parsing rate_budget publishing hapi_throughput; do \
		echo "$$one:"; $(BIN)/python -m benchmarks.$$one || exit 1; done

lint: $(READY) ## Check style, types and import rules.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## Format the code.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(READY) ## Resolve the dependencies anew into requirements.lock.
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --no-annotate --upgrade --group dev -o requirements.lock pyproject.toml

clean: ## Remove the environment, the state folder and what Maven built.
	rm -rf .venv .ohx sandbox/hapi/target

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed (set PYTHON=...)" >&2; exit 1; }
	@test -x $(BIN)/uv || { $(PYTHON) -m venv .venv && $(BIN)/python -m pip install -q uv==$(UV_VERSION); } >&2
	@$(BIN)/uv pip sync -q --allow-empty-requirements --require-hashes --python $(BIN)/python <(cat requirements.lock) >&2
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e . >&2
	@rm -f .venv/.ready-* && touch $@
