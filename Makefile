# `make run` and `make test` need nothing before them but Python 3.11 and make.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
export HF_HUB_OFFLINE := 1

# the first interpreter that is new enough; its name may be python3.11, python3 or python
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3 python; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done)

.PHONY: help setup packages run test test-sqlite test-postgres lint format bench-turn bench-retrieval bench-search bench-reading bench-embedding bench-ingest bench-orders bench-replies bench-llm bench-routing clean

help:
	@echo "make run         start the demo shop: chat and console, nothing to set up before"
	@echo "make test        run every test, on SQLite and on PostgreSQL"
	@echo "make lint        check style, types and the direction of imports"
	@echo "make setup       make .venv, install the packages, prepare the database"
	@echo "make bench-turn  measure the product as a customer's browser would, update docs/benchmarks.md"
	@echo "make bench-reading  compare how files are read with kreuzberg and markitdown"
	@echo "make bench-embedding  compare the ways to run the embedding model: speed, memory, ranking"
	@echo "make bench-ingest  measure how much of the model's speed is left when documents are ingested"
	@echo "make bench-retrieval  compare how passages are found with other systems on the same weights; search at size, ghosts"
	@echo "make bench-orders  import and look up a million orders, on SQLite and on PostgreSQL"
	@echo "make bench-llm  what is added to a model's own time, and 500 answers at once in one process"
	@echo "make bench-routing SMALL=\"URL MODEL\" LARGE=\"URL MODEL\"  what routing between two models costs and keeps, on graded questions"
	@echo "make bench-search  the same search at up to a million chunks"
	@echo "make clean       remove .venv and caches (your data in DATA_DIR stays)"

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer was not found. Install it, or name it: make PYTHON=/path/to/python3.11 run"; exit 1; }
	@"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); \
		echo "The virtual environment could not be made. On Debian and Ubuntu, install the package python3-venv first."; exit 1; }

# torch goes first and alone: a plain install of the rest could pull another build of it
$(VENV)/.packages: requirements.txt | $(BIN)/python
	@echo "Installing packages; this takes a few minutes the first time."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(grep '^torch==' requirements.txt)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.packages-dev: requirements-dev.txt $(VENV)/.packages
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

packages: $(VENV)/.packages-dev

setup: $(VENV)/.packages
	@$(BIN)/python manage.py prepare

# config.run prepares what is missing, so a second start only starts
run: $(VENV)/.packages
	@exec $(BIN)/python -m config.run

test: $(VENV)/.packages-dev
	@$(BIN)/python -m tests.both

test-sqlite: $(VENV)/.packages-dev
	@$(BIN)/python -m pytest

test-postgres: $(VENV)/.packages-dev
	@$(BIN)/python -m tests.servers $(BIN)/python -m pytest -m "not browser"

lint: $(VENV)/.packages-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports

format: $(VENV)/.packages-dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench-orders: $(VENV)/.packages-dev
	@$(BIN)/python -m benchmarks.bench_orders

bench-turn: $(VENV)/.packages-dev
	@$(BIN)/python -m benchmarks.bench_turn

bench-llm: $(VENV)/.packages-dev
	@$(BIN)/python -m benchmarks.bench_llm

# the models are any OpenAI-compatible servers; MORE takes further options, such as MORE="--cases 70 --keep kept.jsonl"
bench-routing: $(VENV)/.packages-dev
	@test -n "$(SMALL)" -a -n "$(LARGE)" || { echo 'Name two models: make bench-routing SMALL="URL MODEL" LARGE="URL MODEL"'; exit 1; }
	@$(BIN)/python -m benchmarks.bench_routing --small $(SMALL) --large $(LARGE) $(MORE)

bench-replies: $(VENV)/.packages-dev
	@$(BIN)/python -m benchmarks.bench_replies

# other systems, in an environment of their own; torch first and alone, as above
$(VENV)-bench/.packages: requirements-bench.txt | $(BIN)/python
	@echo "Installing the systems to compare with; this takes a few minutes the first time."
	@"$(PYTHON)" -m venv $(VENV)-bench
	@$(VENV)-bench/bin/python -m pip install --quiet --disable-pip-version-check "$$(grep '^torch==' requirements-bench.txt)"
	@$(VENV)-bench/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	@touch $@

$(VENV)-bench-reading/.packages: requirements-bench-reading.txt | $(BIN)/python
	@"$(PYTHON)" -m venv $(VENV)-bench-reading
	@$(VENV)-bench-reading/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-bench-reading.txt
	@touch $@

bench-reading: $(VENV)/.packages-dev $(VENV)-bench-reading/.packages
	@$(BIN)/python -m benchmarks.bench_reading

bench-embedding: $(VENV)/.packages-dev $(VENV)-bench/.packages
	@$(BIN)/python -m benchmarks.bench_embedding --write

bench-ingest: $(VENV)/.packages-dev
	@$(BIN)/python -m benchmarks.bench_ingest --write

bench-retrieval: $(VENV)/.packages-dev $(VENV)-bench/.packages
	@$(BIN)/python -m benchmarks.bench_retrieval
	@$(BIN)/python -m benchmarks.bench_search_scale --sizes 10000 100000 --ghosts

# a million chunks as well: filling takes a while, and some gigabytes in the temporary folder
bench-search: $(VENV)/.packages-dev
	@$(BIN)/python -m benchmarks.bench_search_scale --ghosts

clean:
	rm -rf $(VENV) $(VENV)-bench $(VENV)-bench-reading .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
