# What a person types. `make` alone lists it.
# Every target that needs packages makes or repairs .venv first (tools/env); a finished .venv needs no network.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help respond bundle site test test-quick test-slow test-lowest lint format clean
export PYTHON

BIN := .venv/bin/python
OUT := out/shanghai-2022
# With COVERAGE=1 a test step also notes which statements ran (build/coverage-STEP.json; tools/coverage adds them up).
# Files whose functions numba compiles are left out: Python does not run them, and what is put in to count would not compile.
COMPILED := economy/markets.py propagate/card/batch.py propagate/card/columns.py propagate/published/kernels.py \
            propagate/published/markets.py propagate/step/kernels.py propagate/step/powers.py propagate/step/rows.py propagate/step/rules.py propagate/step/slots.py
comma := ,
omitted := $(subst $() ,$(comma),$(addprefix src/ballast/,$(strip $(COMPILED))))
counted = $(if $(COVERAGE),-m slipcover --source src/ballast --omit $(omitted) --json --out build/coverage-$(1).json)
pytest = $(BIN) $(call counted,$(1)) -m pytest -n 2 --dist loadfile

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:[^#]*## /\t/' | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

respond: ## run the main job on Shanghai, spring 2022, and say where the report is
	@tools/env run
	@$(BIN) -m ballast respond shanghai-2022 --out $(OUT)

bundle: ## make one archive that installs without a network [PLATFORM=linux-aarch64] [FOR_PYTHON=3.12] [EXTRA=tables]
	@tools/env dev
	@$(BIN) tools/bundle $(addprefix --platform ,$(PLATFORM)) $(addprefix --python ,$(FOR_PYTHON)) $(addprefix --extra ,$(EXTRA))

site: ## make the documentation into web pages, in build/site
	@tools/env site
	@$(BIN) -m sphinx -W --keep-going -n -q -E -c tools/site -d build/site-cache . build/site
	@echo "the documentation: build/site/index.html"

test: test-quick test-slow ## run the whole suite, in two steps [COVERAGE=1]

test-quick: ## run the suite without the tests that take minutes
	@tools/env dev
	@mkdir -p build
	@$(call pytest,quick) -m "not slow"

test-slow: ## run the tests that take minutes
	@tools/env dev
	@mkdir -p build
	@$(call pytest,slow) -m slow

test-lowest: ## run the suite with the lowest versions pyproject allows
	@tools/lowest

lint: ## check style and types
	@tools/env dev
	@$(BIN) -m ruff check src tests benchmarks
	@$(BIN) -m ruff format --check src tests benchmarks
	@$(BIN) -m mypy

format: ## rewrite the code in the house format
	@tools/env dev
	@$(BIN) -m ruff check --fix src tests benchmarks
	@$(BIN) -m ruff format src tests benchmarks

clean: ## remove the environment, results and caches
	rm -rf .venv out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
