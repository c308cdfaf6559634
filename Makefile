# Everything that is done by hand, by name. Needs Python 3.11.3 or newer; nothing else.
# PYTHON=… chooses the interpreter, PORT=… the demo's first port, N=… how many test workers.

VENV := .venv
PY := $(VENV)/bin/python
PORT ?= 8080
N ?= 2
SOAK ?= 20
TESTS ?=
STRICT := kernel schema domain gateways admin bot mall_h5 app simulator
BY_HAND := --extend-exclude admin/kit/list.html# its tags open in conditions: djlint can't indent them
CLIENTS := tests/contract/clients
export PORT
unexport PYTHONDONTWRITEBYTECODE  # else each worker and each process of a test compiles all source anew

.PHONY: help install clients demo test check soak rows lint format bench screenshots styles understanding lock clean

help:  ## show the targets
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "%-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.installed  ## make .venv with the locked dependencies

$(VENV)/.installed: requirements.lock scripts/find_python.sh
	@test -x $(PY) || "$$(sh scripts/find_python.sh)" -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

clients: $(CLIENTS)/node_modules/.installed  ## the Node clients that the contract tests drive

$(CLIENTS)/node_modules/.installed: $(CLIENTS)/package-lock.json
	@command -v npm >/dev/null || { echo "no npm: the tests with Node clients are left out"; exit 0; }; \
	npm ci --prefix $(CLIENTS) --ignore-scripts --no-audit --no-fund --loglevel=error && touch $@

demo: install  ## the shop and a local WeChat on loopback, ready to chat and buy
	$(PY) -m app demo

test: install clients  ## everything on SQLite; with DATABASE_URL what may differ there
	$(PY) -m pytest -n $(N) --dist loadgroup $(TESTS)

check: install  ## PKG=orders: style, types and tests of one domain package, in a minute
	@test -d "domain/$(PKG)" -a -n "$(PKG)" || { echo "PKG=… names a package of domain/"; exit 1; }
	$(VENV)/bin/ruff check --quiet .
	$(VENV)/bin/mypy --strict domain/$(PKG)
	$(PY) -m pytest $$($(PY) -m tests.suites $(PKG))

soak: install  ## properties and faults in their long form, about an hour: SOAK=20 times the examples
	SOAK=$(SOAK) FAULTS=1 $(PY) -m pytest -n $(N) tests/fault \
	  $$(grep -rl --include='test_*.py' -E 'hypothesis|tests.soak' tests)

rows: install  ## what the mall is to do, row by row, and the tests that show it
	@$(PY) -m tests.rows

lint: install  ## style, types, layers, templates, known vulnerabilities
	@failed=; run() { echo "+ $$*"; "$$@" || failed="$$failed $$(basename $$1)"; }; \
	run $(VENV)/bin/ruff check --quiet .; \
	run $(VENV)/bin/ruff format --quiet --check .; \
	run $(VENV)/bin/mypy --strict $(STRICT); \
	run $(VENV)/bin/lint-imports --no-logo; \
	run $(VENV)/bin/djlint templates --lint --quiet; \
	run $(VENV)/bin/djlint templates --check --quiet $(BY_HAND); \
	run $(PY) -m scripts.template_lines; \
	run scripts/audit.sh $(VENV); \
	test -z "$$failed" || { echo "failed:$$failed"; exit 1; }

format: install  ## put the source into its form
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .
	-$(VENV)/bin/djlint templates --reformat --quiet $(BY_HAND)  # fails if it changed something

bench: install  ## one JSON object per benchmark
	$(PY) -m bench

screenshots: install  ## pictures of the pages for the README
	$(PY) -m scripts.screenshots

styles: install  ## cut WeUI to the rules that the mall's pages use
	$(PY) -m scripts.cut_weui

understanding: install  ## train the chat's weights from corpus/chat, and measure them
	$(PY) -m pip install --quiet --disable-pip-version-check --target var/training "scikit-learn>=1.6,<2"
	PYTHONPATH=var/training $(PY) -m scripts.train_chat

lock: install  ## work out requirements.lock anew from pyproject.toml
	$(PY) -m pip install --quiet uv
	$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11.3 --generate-hashes \
	  --extra dev --no-emit-index-url --no-header --upgrade pyproject.toml -o requirements.lock

clean:  ## remove caches; leaves .venv and var
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
