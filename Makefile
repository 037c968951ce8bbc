# Two commands do everything on a fresh machine with Python 3.11 or newer: `make run` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DATA ?= data
PORT ?= 8000
# Where `make run` writes its log; empty: on the screen.
LOG_FILE ?= $(DATA)/acquis.log
# Sentences are written in UTF-8 whatever the locale.
export PYTHONUTF8 := 1
# Python keeps what it compiled: tests start the product many times.
unexport PYTHONDONTWRITEBYTECODE
# Journeys wait for a browser more than they compute: one process of tests more than there are cores.
WORKERS ?= $(shell echo $$(( $$(nproc 2>/dev/null || echo 2) + 1 )))
FLASK := DATA="$(DATA)" PORT="$(PORT)" $(BIN)/flask --app wsgi

.PHONY: run run-scaled demo test lint compiled browser office nginx format migrate bench lock python clean

## Start the product with its demonstration on 127.0.0.1:8000 (PORT and DATA change where).
run: $(VENV)/run.stamp
	@DATA="$(DATA)" PORT="$(PORT)" DEMO=1 LOG_FILE="$(LOG_FILE)" exec $(BIN)/python -m portfolio.run.bootstrap

## Start it as on several machines: PostgreSQL, S3, PROCESSES web processes, a worker, nginx when it is installed.
run-scaled: $(VENV)/test.stamp
	@DATA="$(DATA)-scaled" PORT="$(PORT)" DEMO=1 exec $(BIN)/python -m tools.cluster

## Make the demonstration again, from nothing: the data folder is emptied first.
demo: $(VENV)/run.stamp
	@DATA="$(DATA)" PORT="$(PORT)" DEMO=1 $(BIN)/python -m portfolio.run.bootstrap --again

## Lint, types, every test, a real browser included.
test: $(VENV)/test.stamp
	@$(MAKE) --no-print-directory -j 2 lint nginx compiled
	$(BIN)/pytest -q -n $(WORKERS) --dist loadscope --no-loadscope-reorder --durations=25

# Tests are compiled once, before three processes read them.
compiled: $(VENV)/test.stamp
	@$(BIN)/pytest -q -n 0 --collect-only > $(VENV)/collected.txt || { cat $(VENV)/collected.txt; exit 1; }

browser: $(VENV)/test.stamp
	@$(BIN)/python -m tests.browser

office: browser
	@$(BIN)/python -m tests.office

nginx: office
	@$(BIN)/python -m tests.nginx
	@$(BIN)/python -m tests.pdf_readers

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

## Write the two lock files again, from the lists of libraries and the versions installed here.
lock: $(VENV)/test.stamp
	@$(BIN)/python -m tools.lock

python:
	@command -v "$(PYTHON)" > /dev/null || { echo "Python est introuvable. Installez Python 3.11 ou plus récent (sous Debian et Ubuntu : apt-get install python3 python3-venv), puis recommencez." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python est trop ancien ici (`"$(PYTHON)" -V 2>&1`). Acquis demande Python 3.11 ou plus récent : make run PYTHON=python3.13, par exemple." >&2; exit 1; }

$(VENV)/run.stamp: requirements.lock | python
	@"$(PYTHON)" tools/install.py "$(VENV)" requirements.lock
	@touch "$@"

$(VENV)/test.stamp: requirements.lock requirements-dev.lock | python
	@"$(PYTHON)" tools/install.py "$(VENV)" requirements-dev.lock
	@touch "$@" "$(VENV)/run.stamp"

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
