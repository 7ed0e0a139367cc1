# One word each. `make demo` and `make test` prepare a fresh machine by themselves; it needs Python 3.11 to 3.13;
# another one than the first on the path: make setup PYTHON=/path/to/python

BIN := .venv/bin
export PYTHON

.DEFAULT_GOAL := help
.PHONY: help setup demo test oldest lint format bench docs clean

help: ## Show this list
	@sed -n 's/^\([a-z]*\):[^#]*## /\1	/p' $(MAKEFILE_LIST) | expand -t 10

setup: .venv/ready ## Create .venv with everything that development needs
	@echo "setup: ready; next: make demo, or $(BIN)/ravine --help"

demo: .venv/ready ## Run the demo: real data, the two-layer lesson, pictures
	@$(BIN)/ravine demo

test: .venv/ready ## Run all tests and the examples in docstrings
	@$(BIN)/pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

oldest: ## Run the tests that all rests on with the oldest versions that pyproject.toml allows
	@tools/oldest

lint: .venv/ready ## Check style, types and the direction of imports
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/pyright
	@$(BIN)/lint-imports --no-logo

format: .venv/ready ## Format the code and mend what ruff can mend
	@$(BIN)/ruff check --fix-only
	@$(BIN)/ruff format

bench: .venv/bench ## Time descents and check fits side by side with others
	@for name in descent surface startup basins several nist wrong_minimum coverage optimizers diagnosis app; do $(BIN)/python benchmarks/$$name.py && echo; done

docs: .venv/docs ## Build the site into site/: tutorial, reference; it opens without a network
	@$(BIN)/mkdocs build --quiet
	@echo "docs: open site/index.html"

clean: ## Remove what these targets made, .venv included
	@rm -rf .venv .venv-oldest build dist site ravine-demo .hypothesis .import_linter_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/ready: pyproject.toml constraints.txt tools/install
	@tools/install dev
	@touch $@

.venv/docs: .venv/ready
	@tools/install docs
	@touch $@

.venv/bench: .venv/ready
	@tools/install bench
	@touch $@
