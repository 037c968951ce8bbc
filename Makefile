# Two commands do everything on a fresh machine with Python 3.11 or newer: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= data
PORT ?= 8000
# Journeys wait for a browser more than they compute: one process of tests more than there are cores.
WORKERS ?= $(shell echo $$(( $$(nproc 2>/dev/null || echo 2) + 1 )))
FLASK := DATA="$(DATA)" PORT="$(PORT)" $(BIN)/flask --app wsgi

.PHONY: run run-scaled demo test lint browser office format migrate bench clean

## Start the product with its demonstration on 127.0.0.1:8000 (PORT and DATA change where).
run: $(VENV)/run.stamp
	@DATA="$(DATA)" PORT="$(PORT)" DEMO=1 exec $(BIN)/python -m portfolio.run.bootstrap

## Start it as on several machines: PostgreSQL, S3, PROCESSES web processes, a worker, nginx when it is installed.
run-scaled: $(VENV)/test.stamp
	@DATA="$(DATA)-scaled" PORT="$(PORT)" DEMO=1 exec $(BIN)/python -m tools.cluster

## Make the demonstration again, from nothing: the data folder is emptied first.
demo: $(VENV)/run.stamp
	@DATA="$(DATA)" PORT="$(PORT)" DEMO=1 $(BIN)/python -m portfolio.run.bootstrap --again

## Lint, types, every test, a real browser included.
test: $(VENV)/test.stamp
	@$(MAKE) --no-print-directory -j 2 lint office
	$(BIN)/pytest -q -n $(WORKERS) --dist loadscope --no-loadscope-reorder --durations=25

browser: $(VENV)/test.stamp
	@$(BIN)/python -m tests.browser

office: browser
	@$(BIN)/python -m tests.office

lint: $(VENV)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy portfolio demo tools config.py wsgi.py

## Measure the product beside references taken in the same run (BENCH chooses one of the names in docs/mesures.md).
bench: $(VENV)/run.stamp
	@$(BIN)/python -m benchmarks $(BENCH)

format: $(VENV)/test.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

migrate: $(VENV)/run.stamp
	$(FLASK) migrate

$(VENV)/run.stamp: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installation des bibliothèques (une fois)…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/test.stamp: requirements.txt requirements-dev.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/run.stamp

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
