# Two commands on a fresh machine with Python 3.11+: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin

# Folder of the public data sets that benchmarks measure and tests check on; without it they skip what they lack.
DATA ?=

.PHONY: demo test bench bench-smoke bench-report bench-recommenders docs lint clean

# One marker a set of packages, so that nothing is installed twice.
.venv/demo: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

.venv/test: .venv/demo
	$(BIN)/python -m pip install --quiet --group dev
	touch $@

.venv/bench: .venv/test
	$(BIN)/python -m pip install --quiet --group bench
	touch $@

demo: .venv/demo
	$(BIN)/duckmark demo

test: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(if $(DATA),DUCKMARK_DATA="$(DATA)") $(BIN)/python -m pytest

# Minutes, then the tables and plots of benchmarks/README.md.
bench: .venv/bench
	$(BIN)/python -m benchmarks $(if $(DATA),--data "$(DATA)")
	$(BIN)/python -m benchmarks.report

bench-report: .venv/bench
	$(BIN)/python -m benchmarks.report

# Seconds: that all contenders which are installed answer alike.
bench-smoke: .venv/test
	$(BIN)/python -m benchmarks --smoke $(if $(DATA),--data "$(DATA)")

bench-recommenders: .venv/bench
	$(BIN)/python -m benchmarks.recommenders

docs: .venv/test
	$(BIN)/python tests/readme.py

lint: .venv/test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv
