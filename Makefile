# Everything runs in .venv; `make` alone prints what there is.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
COVERED := tests/domain tests/incident tests/compiler tests/rehearsal tests/picture
# With UNCOVERED=1 the tests that `make coverage` has just run are left out.
TESTS := $(if $(UNCOVERED),tests $(COVERED:%=--ignore=%))

.DEFAULT_GOAL := help
.PHONY: help setup up demo test coverage lint types check bench docs histories wheel clean

help: ## Print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(STAMP) ## Make the virtual environment and install everything into it

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=python3.x"; exit 1; }
	@test -x $(BIN)/python || { echo "setup: making .venv"; $(PYTHON) -m venv .venv; }
	@echo "setup: installing (once; takes a minute or two)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

up: $(STAMP) ## Run Temporal, a worker and the API until Ctrl-C
	@exec $(BIN)/watchbill up

demo: $(STAMP) ## Tell one incident's story from alert to resolution, in under a minute
	@exec $(BIN)/watchbill demo

test: $(STAMP) ## Run all tests against a real Temporal server
	@$(BIN)/watchbill engine --find >/dev/null
	@$(BIN)/python -m pytest $(TESTS)

coverage: $(STAMP) ## Run the tests of domain and compiler; 95 % of branches must be covered
	@$(BIN)/python -m pytest -q --cov --cov-branch --cov-report=term:skip-covered --cov-fail-under=95 $(COVERED)

lint: $(STAMP) ## Check style, formatting and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports

types: $(STAMP) ## Check types, strictly
	@$(BIN)/mypy

check: $(STAMP) ## Check the shipped playbooks
	@$(BIN)/watchbill check playbooks

histories: $(STAMP) ## Record anew the histories that must replay, and what they do
	@RECORD_HISTORIES=1 $(BIN)/python -m pytest -q tests/histories
	@$(BIN)/python -m pytest -q tests/histories tests/workflows/test_replay.py

bench: $(STAMP) ## Measure latency, throughput and storms beside the floor
	@$(BIN)/python bench/run.py

wheel: $(STAMP) ## Build the wheel into dist/
	@rm -rf dist
	@$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .

clean: ## Remove the virtual environment and what was built; data stays
	rm -rf .venv dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
