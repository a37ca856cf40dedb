# Everything a newcomer types. `make` alone lists the targets.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help install demo test lint bench screenshots clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

install: $(VENV)/installed ## make .venv with everything in it

$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "attain needs Python 3.11 or newer; say which: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --progress-bar on -c constraints.txt -e '.[dev]'
	@touch $@

demo: install ## run the quick suite on simulated learners and compare the models
	$(BIN)/attain run quick

test: install ## run all tests
	$(BIN)/python -m pytest -n auto --dist worksteal

lint: install ## format check, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

screenshots: install ## photograph every page, narrow and wide, light and dark, over a store of 10,000 runs (needs chromium)
	$(BIN)/python tests/browser/screenshots.py

bench: install ## time us and the peers side by side (takes a while; stop other work first)
	$(BIN)/python benchmarks/speed/kt_fit.py

clean: ## remove the environment and caches (never the runs)
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
