# `make` alone prints what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash
BIN := .venv/bin
STAMP := .venv/.installed
SOURCES := models detectors streams sinks tests

.PHONY: help setup lint format env-example test test-fast demo soak bench clean

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## Make .venv with the pinned versions and fetch Kafka for the demo and the tests
	@$(BIN)/headwater kafka fetch

$(STAMP): pyproject.toml constraints.txt
	@set -e; for python in python3.11 python3; do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$python; break; fi; \
	done; \
	if [ -z "$${found:-}" ]; then echo "Headwater needs Python 3.11 or newer, as python3.11 or python3 on the PATH" >&2; exit 1; fi; \
	[ -x $(BIN)/python ] || $$found -m venv .venv
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dev]'
	@touch $(STAMP)

lint: $(STAMP) ## Check style, types and who imports whom
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## Rewrite the sources in the house format
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

env-example: $(STAMP) ## Rewrite .env.example from the settings
	$(BIN)/python -c 'from streams.settings import env_example; print(env_example(), end="")' > .env.example

test: setup lint ## Lint, then run every test, those on a real broker too
	$(BIN)/python -m pytest

test-fast: $(STAMP) ## Run the tests that need no broker
	$(BIN)/python -m pytest -m "not kafka"

demo: setup ## Start a broker and a worker, publish an outage, show what Headwater says
	@$(BIN)/python -m tests.golden.checkout_outage --out .cache/demo > /dev/null
	@$(BIN)/headwater demo .cache/demo/checkout_outage.ndjson.gz \
	  --catalog .cache/demo/catalog.yaml --expect .cache/demo/expectation.json

soak: setup ## Kill and restart workers under load for minutes; nothing may be lost
	$(BIN)/python -m pytest tests/kafka/soak.py -s

bench: setup ## Print what a record costs on the hot path, and open alerts as they grow
	@$(BIN)/python -m tests.benchmarks.costs
	@$(BIN)/python -m tests.benchmarks.incidents

clean: ## Remove the environment, caches and build leftovers
	-@[ -x $(BIN)/headwater ] && $(BIN)/headwater kafka stop 2>/dev/null
	rm -rf .venv .cache build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
