# make setup   the environment in .venv, from pinned packages
# make run     a demonstration: http://127.0.0.1:8000
# make check   style, types, imports, and what the house asks of every file
# make test    every test
# make proof   hundreds of kills under load, and whether anything is lost (20 minutes)
# make bench   the numbers, beside other receivers where they can be installed (make bench-peers)
# make pins    the pinned packages again, newest that fit (needs uv)
#
# PYTHON=/path/to/python chooses the Python of the environment: 3.11, 3.12 or 3.13.

BIN := .venv/bin
INSTALLED := .venv/.installed
PEERS_INSTALLED := .venv/.peers-installed
SOURCES := sereno station receiver dispatcher operators_ui simulators benchmarks tests

# The first that is there, neither too old nor too new (trio-asyncio 0.16 can't be imported by 3.14), and can make
# environments. The system's own comes first: it is built with all optimisations, those of pyenv are not, a fifth slower.
PYTHONS := /usr/bin/python3 python3 python3.13 python3.12 python3.11
FIRST_WITH = $(shell for python in $(PYTHONS); do \
	$$python -c 'import sys$(1); sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$python && break; done)
PYTHON ?= $(or $(call FIRST_WITH,$(COMMA) ensurepip$(COMMA) venv),$(call FIRST_WITH))
COMMA := ,

.PHONY: setup run check test proof bench bench-peers pins

setup: $(INSTALLED)

$(INSTALLED): requirements-dev.txt
	@if [ -z "$(PYTHON)" ]; then \
		echo "Sereno needs Python 3.11, 3.12 or 3.13, and found none. Install one, or name it:" \
			"make $(MAKECMDGOALS) PYTHON=/path/to/python"; \
		exit 2; fi
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) can't make environments. On Debian and Ubuntu:" \
			"apt install $$($(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"; \
		exit 2; }
	@echo "Installing into .venv; this takes a minute"
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@rm -rf sereno.egg-info
	@touch $@

run: setup
	@exec $(BIN)/sereno run --demo

check: setup
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/test_house.py

test: setup
	$(BIN)/pytest -q -n 4 --dist worksteal

proof: setup
	$(BIN)/python -m tests.proof

bench: setup
	@$(MAKE) --no-print-directory bench-peers 2>/dev/null || echo "Going on without them"
	$(BIN)/python -m benchmarks

bench-peers: setup $(PEERS_INSTALLED)

$(PEERS_INSTALLED): requirements-bench.txt $(INSTALLED)
	@echo "Installing what the station is measured beside: pysiaalarm, uvloop, locust"
	@$(BIN)/pip install --quiet --disable-pip-version-check --retries 1 --timeout 15 --require-hashes -r requirements-bench.txt
	@touch $@

pins:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet requirements.in --output-file requirements.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet requirements-dev.in --output-file requirements-dev.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet requirements-bench.in --output-file requirements-bench.txt
