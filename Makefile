# `make demo` and `make test` need Python 3.11+, make and a C compiler; everything else is installed into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
STAMP := pyproject.toml constraints.txt

.PHONY: demo test test-fast check bench clean

demo: $(VENV)/.demo ## Install, load the sample data, serve API and pages; Ctrl-C stops all
	@exec $(BIN)/trivium demo

# Each of the two processes computes on one core: with two threads each they wait for one another, twice as long in all.
test: $(VENV)/.test ## Run all tests; those for PostgreSQL and the browser say why when they are skipped
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile

test-fast: $(VENV)/.test ## Only what needs no weights, server or browser
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile -m "not integration and not browser"

check: $(VENV)/.test ## Format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.test ## Every speed that we publish
	$(BIN)/trivium bench encode
	$(BIN)/trivium bench search
	$(BIN)/trivium bench serve

$(VENV)/.demo: $(STAMP)
	$(PYTHON) -c 'import sys; sys.exit("Trivium needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(PIP) install -q -c constraints.txt -e .
	touch $@

$(VENV)/.test: $(VENV)/.demo
	$(PIP) install -q -c constraints.txt -e '.[test,dev]'
	touch $@

clean: ## Remove the environment; your data in TRIVIUM_HOME stays
	rm -rf $(VENV)
