# Two commands do everything on a fresh machine with Python >= 3.11 and git: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# `make test MEASURE="-m coverage run"` also measures coverage
MEASURE :=

.PHONY: help demo test check clean

help: ## Say what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(STAMP): pyproject.toml
	@echo "installing into $(VENV) (once)"
	@if command -v uv >/dev/null 2>&1; then \
		uv venv --quiet --allow-existing --python $(PYTHON) $(VENV) && uv pip install --quiet --python $(BIN)/python -e '.[dev]'; \
	else \
		$(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'; \
	fi
	@touch $(STAMP)

demo: $(STAMP) ## Show the whole loop: a red run becomes a merged, verified fix
	@$(BIN)/python -m tests.github.demo

test: $(STAMP) ## Run the tests
	@$(BIN)/python $(MEASURE) -m pytest -n 3 --dist worksteal

check: $(STAMP) ## Run lint, types and tests
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/python -m pytest

clean: ## Remove what was installed and built
	@rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .coverage
