# From a fresh clone, with Python 3.11 or newer, git and make: `make demo`, `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Two stamps, so that `make demo` does not wait for the development tools. Both
# depend on pyproject.toml: a changed dependency is installed before the next run.
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev
# The fuzzer has an environment of its own: it is not to be had everywhere.
FUZZ_VENV := build/fuzz-venv
READY_FUZZ := $(FUZZ_VENV)/.ready
FUZZ_SECONDS ?= 600
PYTHONS ?= python3.11 python3.12 python3.13
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow test-versions check fix bench fuzz bench-peers gallery \
	smoke setup clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1 \2/p' Makefile | \
		while read -r name words; do printf '  make %-13s %s\n' "$$name" "$$words"; done

demo: $(READY) ## what assignment does to sample_data/
	@$(BIN)/atss-inspect stats

# Whoever runs the tests, their processes share what is compiled: `make clean` removes it.
test test-slow: export PYTHONDONTWRITEBYTECODE =

test: $(READY_DEV) ## the tests, without the slow ones (under 90 s)
	@$(BIN)/python -m pytest -q -n auto --maxprocesses 4 -m "not slow" $(ARGS)

test-slow: $(READY_DEV) ## the slow tests: real data, whole processes (under 10 minutes)
	@$(BIN)/python -m pytest -q -n auto --maxprocesses 4 -m slow $(ARGS)

test-versions: $(READY_DEV) ## the same bytes from PYTHONS="python3.11 ..." and old and new packages
	@$(BIN)/python -m tests.versions $(PYTHONS)

check: $(READY_DEV) ## format, lint and types, changing nothing
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary

fix: $(READY_DEV) ## format, and mend what the linter can mend
	@$(BIN)/ruff check --quiet --fix . || true
	@$(BIN)/ruff format --quiet .

bench: $(READY_DEV) ## measure speed and memory; prints the table of benchmarks/README.md
	@$(BIN)/python -m benchmarks.run $(ARGS)

gallery: $(READY_DEV) ## draw the pictures of docs/pictures.md anew
	@$(BIN)/python -m docs.make_gallery

bench-peers: $(READY_DEV) ## speed beside mmdetection, in an environment of its own
	@$(BIN)/python -m benchmarks.peers $(ARGS)

fuzz: $(READY_FUZZ) ## look for input that crashes us: 3 targets, FUZZ_SECONDS=600 each
	@for target in bytes document settings; do \
		$(FUZZ_VENV)/bin/python -W error::RuntimeWarning -m tests.fuzz $$target \
			$(FUZZ_SECONDS) build/fuzz || exit 1; done

smoke: $(READY_DEV) ## build the wheel, install it in a clean environment, use it elsewhere
	@$(BIN)/python tests/smoke.py

setup: $(READY_DEV) ## only set up .venv with the development tools
	@:

clean: ## remove everything make has made, .venv included
	rm -rf $(VENV) build dist *.egg-info benchmarks/data
	rm -rf .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@command -v $(PYTHON) > /dev/null || \
		{ echo "no $(PYTHON) here; say which Python to use: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit( \
		"atss-inspect needs Python 3.11 or newer, and %s is %s; say which to use: make PYTHON=python3.12" \
		% (sys.executable, sys.version.split()[0]))'
	@echo "setting up $(VENV)" >&2
	@$(PYTHON) -m venv --clear $(VENV)

$(READY_FUZZ): pyproject.toml
	@echo "setting up $(FUZZ_VENV)" >&2
	@$(PYTHON) -m venv --clear $(FUZZ_VENV)
	@$(FUZZ_VENV)/bin/python -m pip install --quiet --disable-pip-version-check \
		--editable ".[fuzz]"
	@touch $@

$(READY): pyproject.toml | $(BIN)/python
	@echo "installing atss-inspect into $(VENV)" >&2
	@$(PIP_INSTALL) --editable .
	@touch $@

$(READY_DEV): pyproject.toml | $(BIN)/python
	@echo "installing atss-inspect and the development tools into $(VENV)" >&2
	@$(PIP_INSTALL) --editable ".[dev]"
	@touch $(READY) $@
