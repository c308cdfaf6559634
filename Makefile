# Everything that is done by hand, by name. Needs Python 3.11.3 or newer; nothing else.
# PYTHON=… chooses the interpreter, PORT=… the demo's first port, N=… how many test workers.

VENV := .venv
PY := $(VENV)/bin/python
PORT ?= 8080
N ?= 2
TESTS ?=
STRICT := kernel schema domain gateways
export PORT

.PHONY: help install demo test lint format bench screenshots lock freeze clean

help:  ## show the targets
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "%-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.installed  ## make .venv with the locked dependencies

$(VENV)/.installed: requirements.lock scripts/find_python.sh
	@test -x $(PY) || "$$(sh scripts/find_python.sh)" -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

demo: install  ## the shop and a local WeChat on loopback, ready to chat and buy
	$(PY) -m app demo

test: install  ## the whole suite; with DATABASE_URL and REDIS_URL on those
	$(PY) -m pytest -n $(N) $(TESTS)

lint: install  ## style, types, layers, templates, known vulnerabilities
	@failed=; run() { echo "+ $$*"; "$$@" || failed="$$failed $$(basename $$1)"; }; \
	run $(VENV)/bin/ruff check --quiet .; \
	run $(VENV)/bin/ruff format --quiet --check .; \
	run $(VENV)/bin/mypy --strict $(STRICT); \
	run $(VENV)/bin/lint-imports --no-logo; \
	run $(VENV)/bin/djlint templates --lint --quiet; \
	run $(PY) scripts/freeze_schema.py --check; \
	run scripts/audit.sh $(VENV); \
	test -z "$$failed" || { echo "failed:$$failed"; exit 1; }

format: install  ## put the source into its form
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

bench: install  ## one JSON object per benchmark
	$(PY) -m bench

screenshots: install  ## pictures of the pages for the README
	$(PY) -m scripts.screenshots

lock: install  ## work out requirements.lock anew from pyproject.toml
	$(PY) -m pip install --quiet uv
	$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11.3 --generate-hashes \
	  --extra dev --no-emit-index-url --no-header --upgrade pyproject.toml -o requirements.lock

freeze: install  ## write the first migration from the tables (before the first release only)
	$(PY) scripts/freeze_schema.py

clean:  ## remove caches; leaves .venv and var
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
