# Everything that is done with this project. `make` alone lists the targets; CI calls only `make test`.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help setup env run demo check test soak audit quality bench doctor clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/installed ## install everything into .venv, pinned and checked by hash (done by the others when needed)

$(VENV)/installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Newsloom needs Python 3.11 or newer; name one: make PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(RUN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements.lock
	$(RUN)/python -m pip install --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

env: ## .env with passwords for docker compose; what stands in it stays
	$(PYTHON) newsloom/passwords.py

run: setup ## the whole pipeline on this machine, on its own Kafka and Elasticsearch; Ctrl-C stops it
	$(RUN)/newsloom run

demo: setup ## twelve invented articles through the whole pipeline, without a network, in about a minute
	$(RUN)/newsloom demo

check: setup ## lint, types, imports, pure tests: under a minute
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy
	$(RUN)/lint-imports
	$(RUN)/pytest -n 2 -m "not stack and not quality and not slow"

test: setup check ## everything that CI runs: check, the tests on the real Kafka and Elasticsearch, the floors
	$(RUN)/python -m embedded setup
	$(RUN)/pytest -n 2 --dist loadfile -m "stack or quality or slow"

soak: setup ## an hour of the whole pipeline while everything around it breaks: make soak SECONDS=300 SEED=7 RATE=2
	$(RUN)/python -m embedded setup
	$(RUN)/python -m tests.soak --seconds $(or $(SECONDS),3600) --rate $(or $(RATE),2) $(if $(SEED),--seed $(SEED))

audit: setup ## known holes in the pinned packages, and their licences; says so where advisories can't be reached
	$(RUN)/pytest -rsP tests/contracts/test_packages.py

quality: setup ## figures of quality on the corpus, with its digest: pages, feeds, dates, languages, stories, copies: half an hour
	$(RUN)/python -m bench.page_extraction
	$(RUN)/python -m bench.feed_formats
	$(RUN)/python -m bench.dates
	$(RUN)/python -m bench.languages.headlines
	$(RUN)/python -m bench.copies --quality
	$(RUN)/python -m bench.stories --quality
	$(RUN)/pytest -m quality -rP

bench: setup ## figures of speed and quality, each beside a bare loop or a peer: about a quarter of an hour
	$(RUN)/python -m bench

doctor: setup ## what is wrong with this machine and these settings, and what to do
	$(RUN)/newsloom doctor

clean: ## remove what was installed and made here (not the data directory)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
