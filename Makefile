# Every target says after ## what it is for; `make` alone lists them.
# The recipes are single commands started by make itself (no shell in between), so that signals reach them.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

VENV ?= .venv
export VENV PYTHON ARGS
PY := $(VENV)/bin/python
SERVICES := $(PY) -m config.local_services

.PHONY: help setup run test test-faults up down status env manage quality lock bench load fuzz

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## make the Python environment (.venv) when it is missing or out of date; PYTHON=python3.12 to choose
	@config/setup.sh

run: setup ## the whole application with a demo; Ctrl-C stops all. PORT=8000, DVF=path for real sales
	@exec $(PY) -m config.run

test: setup ## all tests, on fresh services; ARGS="dvf -k sales" for some
	@exec $(SERVICES) run --temporary -- $(PY) -m pytest $(ARGS)

up: setup ## start PostgreSQL, Valkey and the object store alone, data in .local/
	@exec $(SERVICES) up

down: setup ## stop them
	@exec $(SERVICES) down

status: setup ## what runs, and where
	@$(SERVICES) status || true

env: setup ## their variables, for a shell: eval "$(make env)"
	@exec $(SERVICES) env

manage: setup ## a management command with the services up: make manage c="createsuperuser"
	@exec $(SERVICES) run -- env DJANGO_SETTINGS_MODULE=config.settings.dev $(PY) manage.py $(c)

test-faults: setup ## tests that kill and stop services under work, for minutes
	@exec $(SERVICES) run --temporary -- $(PY) -m pytest -m faults $(ARGS)

quality: setup ## lint, format, types, import contracts, migrations, schema, known holes, secrets
	@exec $(SERVICES) run --temporary -- config/quality.sh $(PY)

lock: setup ## compile requirements*.in into hashed pins
	@exec config/lock.sh $(PY)

bench: setup ## measurements (never part of the tests); BENCH=name for one
	@exec $(SERVICES) run -- env DJANGO_SETTINGS_MODULE=config.settings.dev $(PY) -m bench $(BENCH)

load: setup ## 50 people for 2 minutes while documents are read; ends with 1 when too slow. ARGS="--sales 200000"
	@exec $(PY) -m load $(ARGS)

fuzz: setup ## 10,000 generated requests against a running server; ARGS="--profile quick --seed 7"
	@exec $(PY) -m load.fuzz $(ARGS)
