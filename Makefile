# `make run` simulates the SELFBACK trial 200 times; `make test` checks everything. Both set up .venv first.
# `make run` that was interrupted goes on with what it has when it is given again. `make check` tries out losses at length.
# `make coverage` runs the tests with a coverage report, which takes about 1.7 times as long as `make tests`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

REPLICATES ?= 200
JOBS       ?= 2

# The tests compare retrieval with cbrkit. Its metadata require an older pandas, which is not needed here.
CBRKIT := cbrkit==0.14.2 dill multiprocess orjson xmltodict

.PHONY: run test slow check docs constraints lint types layers tests coverage bench bench-record format clean

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

coverage: $(READY)
	COVERAGE_CORE=ctrace $(BIN)/pytest -n $(JOBS) --cov --cov-report=term:skip-covered

# Tests of which `make test` has a shorter form.
slow: $(READY)
	$(BIN)/pytest -n $(JOBS) -m slow

# What `make test` does in short, many times: studies are killed at every event of their files, workers, parents and
# schedulers are lost on purpose, files are damaged, the machine fails. Each check prints a line a case, into a file of
# results/checks as well; checks/record has those of another machine.
# EVERY=3 kills at each third event; TIMES=20 tries each signal so often, and each loss of a process a fifth of that.
EVERY ?= 1
TIMES ?= 50
TOLD  := results/checks

check: slow docs
	@rm -rf $(TOLD); mkdir -p $(TOLD)
	@for check in checks/*.py; do \
	  name=$$(basename $$check .py); told=$(TOLD)/$$name.txt; began=$$(date +%s); \
	  case $$name in kills) more="--every $(EVERY)";; signals) more="--times $(TIMES)";; \
	    workers) more="--times $$((($(TIMES) + 4) / 5))";; site) more="--built $(SITE)/html";; *) more="";; esac; \
	  echo "python $$check $$more" | tee $$told; \
	  { $(BIN)/python $$check $$more 2>&1 || touch $(TOLD)/$$name.failed; } | tee -a $$told; \
	  echo "it took $$(($$(date +%s) - began)) s" | tee -a $$told; \
	done
	@for failed in $(TOLD)/*.failed; do \
	  [ ! -e $$failed ] || { echo "$$failed:"; cat $${failed%.failed}.txt; }; \
	done
	@! ls $(TOLD)/*.failed 2> /dev/null

# The documentation as a site, build/site/html/index.html. Notebooks and the gallery are executed; a warning, such as a link to
# nowhere, is an error.
SITE := build/site

docs: $(READY)
	$(BIN)/sphinx-build -M html docs $(SITE) --fresh-env --fail-on-warning --nitpicky --keep-going --quiet
	@echo $(SITE)/html/index.html

# Renews constraints.txt: the newest versions that pyproject.toml allows, in an environment of their own. Nothing but names and
# versions is written, whatever index they came from.
constraints:
	rm -rf .constraints
	$(PYTHON) -m venv .constraints
	.constraints/bin/pip install --quiet --upgrade ".[dev,dask,docs,explore,remote,report]"
	.constraints/bin/pip install --quiet --upgrade --no-deps $(CBRKIT)
	(echo "# Versions that the set-up installs; renewed by: make constraints"; \
	  .constraints/bin/pip freeze --all | grep -E '^[A-Za-z0-9._-]+==[^ ]+$$' | grep -vE '^(pip|setuptools|selfback-insilico)==' | LC_ALL=C sort -f -t= -k1,1) > constraints.txt
	rm -rf .constraints

bench: $(READY)
	$(BIN)/python benchmarks/bench.py

# Measures on this machine and replaces the record that `make bench` compares with, and the tables of docs/background/speed.md.
bench-record: $(READY)
	$(BIN)/python benchmarks/bench.py --record
	$(BIN)/python docs/studies/speed.py

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed (make PYTHON=python3.12 ...)")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable ".[dev,dask,docs,explore,remote,report]"
	$(BIN)/pip install --quiet --constraint constraints.txt --no-deps $(CBRKIT)
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
