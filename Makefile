# One command each. Everything runs in a .venv of its own, installed again only when the pins change.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PINS   := pyproject.toml constraints.txt
RUN_STAMP := $(VENV)/.installed-run
DEV_STAMP := $(VENV)/.installed-dev
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
WORKERS ?= 2

.PHONY: help demo test check lint types law long bench bench-large pictures pins clean

help:           ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## */  make \1\t/' | expand -t 22

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "make: $(PYTHON) is older than Python 3.11; say which to take: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@echo "making $(VENV) …" >&2
	@$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): $(PINS) | $(VENV)/bin/python
	@echo "installing what it needs to run …" >&2
	@$(PIP) install --upgrade --constraint constraints.txt pip
	@$(PIP) install --constraint constraints.txt --editable '.[postgresql]'
	@touch $@

$(DEV_STAMP): $(RUN_STAMP)
	@echo "installing what it needs to be tested …" >&2
	@$(PIP) install --constraint constraints.txt --group dev
	@touch $@

demo: $(RUN_STAMP)      ## a made-up district of Hà Nội over real Modbus, in the dashboard
	@$(BIN)/lighting demo --site demo-site

test: $(DEV_STAMP)      ## every test
	$(BIN)/python -m tests.side_by_side -n $(WORKERS) -m "not long" $(ARGS)

lint: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV_STAMP)
	$(BIN)/mypy

law: $(DEV_STAMP)
	$(BIN)/lint-imports --no-logo

check: lint types law test   ## all that CI runs

long: $(DEV_STAMP)      ## the full form of the heavy proofs
	LIGHTING_LONG=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m "long or hypothesis" --timeout 3600 $(ARGS)

bench: $(DEV_STAMP)     ## speed and memory, each beside what it is compared with (under 10 minutes)
	$(BIN)/python -m tests.bench $(ARGS)

bench-large: $(DEV_STAMP)   ## the same at the size of a large city
	$(BIN)/python -m tests.bench --large $(ARGS)

pictures: $(RUN_STAMP)  ## the README's pictures, from the running dashboard
	$(BIN)/python docs/pictures.py

pins:           ## newest allowed versions into constraints.txt (then run make check)
	@rm -rf .venv-pins && $(PYTHON) -m venv .venv-pins && .venv-pins/bin/python -m pip -q install --upgrade pip
	@.venv-pins/bin/python -m pip -q install --editable '.[postgresql]' --group dev
	@{ echo "# Every pin of this project, run time and development. Made by: make pins"; \
	   .venv-pins/bin/python -m pip freeze --all --exclude-editable | grep -v '^setuptools=='; } > constraints.txt
	@rm -rf .venv-pins

clean:          ## all that can be made again
	rm -rf $(VENV) .venv-pins build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache demo-site
	find lighting drivers tui tests -name __pycache__ -type d -prune -exec rm -rf {} +
