# make serve starts the stand-in, make test runs the tests; both make the virtual environment first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

.PHONY: serve test fuzz-long mutants lint types layers coverage bench build format clean

serve: $(VENV)/.installed
	$(BIN)/ftcrm serve $(ARGS)

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile $(ARGS)

# 100,000 valid histories of more than a million events, on which every rule must be silent, and as many ugly ones, on
# which the engine and the oracle must agree: about an hour.
fuzz-long: $(VENV)/.installed-dev
	$(BIN)/python -m pytest tests/strategies --hypothesis-profile=long -k every_rule_is_silent $(ARGS)
	$(BIN)/python -m pytest tests/oracle --hypothesis-profile=long -k agree $(ARGS)

# Some 3,000 small changes to the rules and the engine, each of which a test should notice: about an hour. With
# ARGS="--sample 25" so many of each module, with ARGS=rules/ends one module; ARGS=--write writes docs/mutants.md.
mutants: $(VENV)/.installed-mutation
	$(BIN)/python tests/mutation/mutants.py $(ARGS)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

layers: $(VENV)/.installed-dev
	$(BIN)/lint-imports

coverage: $(VENV)/.installed-dev
	$(BIN)/python -m pytest --cov --cov-report=term-missing $(ARGS)

bench: $(VENV)/.installed-dev
	$(BIN)/python benchmarks/judging.py
	$(BIN)/python benchmarks/engine.py
	$(BIN)/python benchmarks/intake.py
	$(BIN)/python benchmarks/strategies.py

build: $(VENV)/.installed-dev
	$(BIN)/python -m build --wheel --no-isolation

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[clients]'
	touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@ $(VENV)/.installed

$(VENV)/.installed-mutation: $(VENV)/.installed-dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,mutation]'
	touch $@
