# make serve starts the stand-in, make test runs the tests; both make the virtual environment first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

.PHONY: serve test fuzz-long lint types layers coverage bench build format clean

serve: $(VENV)/.installed
	$(BIN)/ftcrm serve $(ARGS)

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest $(ARGS)

# 100,000 valid histories, on which every rule must be silent: about a quarter of an hour.
fuzz-long: $(VENV)/.installed-dev
	$(BIN)/python -m pytest tests/strategies --hypothesis-profile=long -k every_rule_is_silent $(ARGS)

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
