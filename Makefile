# Two commands do everything on a fresh machine with Python 3.11 or newer: `make run` and `make test`.
PYTHON ?= python3
VENV ?= .venv
DATA ?= data
PORT ?= 8000
# 0: `make run` serves a body of one's own, without the demonstration.
DEMO ?= 1
# Programs run as modules: an environment that has moved keeps scripts that name its old place.
RUN = "$(VENV)/bin/python" -m
# Where `make run` writes its log; empty: on the screen.
LOG_FILE ?= $(or $(DATA),data)/acquis.log
# Sentences are written in UTF-8 whatever the locale.
export PYTHONUTF8 := 1
# What the settings of another project would change here.
unexport PYTHONPATH PYTHONHOME PYTHONSAFEPATH PYTHONIOENCODING PYTHONWARNINGS PYTHONOPTIMIZE PYTHONINSPECT FLASK_DEBUG
# Python keeps what it compiled: tests start the product many times.
unexport PYTHONDONTWRITEBYTECODE
CORES ?= $(shell nproc 2>/dev/null || echo 2)
# Journeys wait for a browser more than they compute: one process of tests more than there are cores.
WORKERS ?= $(shell echo $$(( $(CORES) + 1 )))
# What `make check` reads: the whole run writes it.
test-all test-rest: export MAP = -p tests.coverage_map
TESTS_OF = $(RUN) pytest -q $(MAP) --dist loadscope --no-loadscope-reorder
FLASK := DATA="$(DATA)" PORT="$(PORT)" $(RUN) flask --app wsgi

.PHONY: run run-scaled demo test test-all test-rest check lint compiled browser office nginx format migrate bench lock licences audit python libraries test-libraries clean

## Start the product with its demonstration on 127.0.0.1:8000 (PORT and DATA change where).
run: libraries
	@DATA="$(DATA)" PORT="$(PORT)" DEMO="$(DEMO)" LOG_FILE="$(LOG_FILE)" exec $(RUN) portfolio.run.bootstrap

## Start it as on several machines: PostgreSQL, S3, PROCESSES web processes, a worker, nginx when it is installed.
run-scaled: test-libraries
	@DATA="$(DATA)-scaled" PORT="$(PORT)" DEMO="$(DEMO)" exec $(RUN) tools.cluster

## Make the demonstration again, from nothing: the data folder is emptied first.
demo: libraries
	@DATA="$(DATA)" PORT="$(PORT)" DEMO=1 $(RUN) portfolio.run.bootstrap --again

## Lint, types, the tests that guard every rule, each screen once and the main journeys in a real browser.
test: browser
	@$(MAKE) --no-print-directory -j 2 lint compiled
	$(TESTS_OF) --speed quick -n $(CORES)

## Everything: what `make test` tries, with each program that a test uses, then what is left.
test-all: nginx
	@$(MAKE) --no-print-directory test
	@$(MAKE) --no-print-directory test-rest

## What is left of `make test-all` after `make test`; its tests ask for LibreOffice, nginx and readers of PDF.
test-rest: nginx
	$(TESTS_OF) --speed rest -n $(WORKERS) --durations=25

## The tests that read the lines changed since the last commit of main, within a minute; `make test-all` makes their map.
check: test-libraries
	@$(RUN) tests.check

# Tests are compiled once in a new environment, before several processes read them; later those that changed, by each.
compiled: test-libraries
	@[ -f "$(VENV)/collected.txt" ] || $(RUN) pytest -q -n 0 --collect-only > "$(VENV)/collected.txt" || { cat "$(VENV)/collected.txt"; rm "$(VENV)/collected.txt"; exit 1; }

browser: test-libraries
	@$(RUN) tests.browser

office: browser
	@$(RUN) tests.office

nginx: office
	@$(RUN) tests.nginx
	@$(RUN) tests.pdf_readers

lint: test-libraries
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy portfolio demo tools config.py wsgi.py

## Measure the product beside references taken in the same run (BENCH chooses one of the names in docs/mesures.md).
bench: libraries
	@$(RUN) benchmarks $(BENCH)

format: test-libraries
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

migrate: libraries
	$(FLASK) migrate

## Write the lock files again, from the lists of libraries and the versions installed here.
lock: test-libraries
	@$(RUN) tools.lock

## Write docs/licences.md again, from the lock files and what is installed here.
licences: test-libraries
	@$(RUN) tools.licences

## Compare the lock files with security advisories: ADVISORIES is a file, a folder or a ZIP archive in the OSV format.
audit: test-libraries
	@$(RUN) tools.audit "$(ADVISORIES)"

python:
	@command -v "$(PYTHON)" > /dev/null || { echo "Python est introuvable. Installez Python 3.11 ou plus récent (sous Debian et Ubuntu : apt-get install python3 python3-venv), puis recommencez." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python est trop ancien ici (`"$(PYTHON)" -V 2>&1`). Acquis demande Python 3.11 ou plus récent : make run PYTHON=python3.13, par exemple." >&2; exit 1; }

libraries: python
	@"$(PYTHON)" tools/install.py "$(VENV)" requirements.lock

test-libraries: python
	@"$(PYTHON)" tools/install.py "$(VENV)" requirements-dev.lock

clean:
	rm -rf "$(VENV)" .pytest_cache .mypy_cache .ruff_cache .hypothesis
