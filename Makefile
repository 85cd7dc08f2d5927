# `make run` simulates the SELFBACK trial 200 times; `make test` checks everything. Both set up .venv first.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

REPLICATES ?= 200
JOBS       ?= 2

# What the tests compare retrieval with. Its own metadata ask for an older pandas than ours, which it does not need here.
CBRKIT := cbrkit==0.14.2 dill multiprocess orjson xmltodict

.PHONY: run test lint types layers tests bench bench-record format clean

run: $(READY)
	$(BIN)/selfback run selfback_2021 --replicates $(REPLICATES) --jobs $(JOBS) --out results/selfback_2021 --overwrite

test: lint types layers tests

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

layers: $(READY)
	$(BIN)/lint-imports

tests: $(READY)
	$(BIN)/pytest -n $(JOBS)

bench: $(READY)
	$(BIN)/python benchmarks/bench.py

# Measures on this machine and replaces the record that `make bench` compares with, and the tables of docs/speed.md.
bench-record: $(READY)
	$(BIN)/python benchmarks/bench.py --record
	$(BIN)/python docs/speed.py

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed (make PYTHON=python3.12 ...)")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable ".[dev,dask]"
	$(BIN)/pip install --quiet --constraint constraints.txt --no-deps $(CBRKIT)
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
