# From a fresh clone, with Python 3.11 or newer, git and make: `make demo`, `make test`.

VENV := .venv
ifeq ($(OS),Windows_NT)
PYTHON ?= python
SCRIPTS := Scripts
EXE := .exe
else
PYTHON ?= python3
SCRIPTS := bin
endif
BIN := $(VENV)/$(SCRIPTS)
# Exact versions with their hashes, made by `make lock` from what pyproject.toml asks for.
LOCK := requirements/demo.txt
LOCK_DEV := requirements/development.txt
LOCK_DOCS := requirements/docs.txt
# Two stamps, so that `make demo` does not wait for the development tools. A changed
# lock file or pyproject.toml is installed before the next run.
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev
# Other versions than the locked ones have environments of their own.
NEWEST := build/newest-venv
LOWEST := build/lowest-venv
UV_VENV := build/uv-venv
UPGRADE ?= --upgrade
# The fuzzer has an environment of its own: it is not to be had everywhere.
FUZZ_VENV := build/fuzz-venv
READY_FUZZ := $(FUZZ_VENV)/.ready
FUZZ_SECONDS ?= 600
# So has what builds the site of docs/.
DOCS_VENV := build/docs-venv
READY_DOCS := $(DOCS_VENV)/.ready
SITE := build/docs
PYTHONS ?= python3.11 python3.12 python3.13 python3.14
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check
# Installs this folder in place; what it needs and what builds it are there already.
IN_PLACE := $(BIN)/python $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
FAST_TESTS := -m pytest -q -n auto --maxprocesses 4 -m "not slow"
UV_COMPILE := $(UV_VENV)/$(SCRIPTS)/uv pip compile --no-config --quiet --universal \
	--python-version 3.11 --generate-hashes --no-build

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow test-newest test-lowest test-versions frozen check fix \
	bench fuzz bench-peers import-proof fiftyone-proof gallery notebooks man reference \
	docs smoke setup lock lock-check clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1 \2/p' Makefile | \
		while read -r name words; do printf '  make %-13s %s\n' "$$name" "$$words"; done

demo: $(READY) ## what assignment does to sample_data/
	@$(BIN)/atss-inspect stats
	@printf '%s\n' '' \
		'What to type next, on these scenes or with --ann and a COCO file of yours:' \
		'  $(BIN)/atss-inspect stats --preset retinanet-torchvision --by size' \
		'  $(BIN)/atss-inspect plot image 42' \
		'  $(BIN)/atss-inspect report' \
		'  $(BIN)/atss-inspect --help' >&2

# Whoever runs the tests, their processes share what is compiled: `make clean` removes it.
test test-slow: export PYTHONDONTWRITEBYTECODE =

test: $(READY_DEV) ## the tests, without the slow ones (3 minutes)
	@$(BIN)/python $(FAST_TESTS) $(ARGS)

test-slow: $(READY_DEV) ## the slow tests: real data, whole processes (10 minutes)
	@$(BIN)/python -m pytest -q -n auto --maxprocesses 4 -m slow $(ARGS)

test-newest: $(NEWEST)/pyvenv.cfg ## the same tests with the newest versions of everything
	@echo "installing the newest versions that pyproject.toml allows into $(NEWEST)" >&2
	@$(NEWEST)/$(SCRIPTS)/python $(PIP_INSTALL) --upgrade --upgrade-strategy eager \
		--editable ".[dev]"
	@$(NEWEST)/$(SCRIPTS)/python $(FAST_TESTS) $(ARGS)

test-lowest: $(LOWEST)/pyvenv.cfg ## the same tests with the lowest versions for users
	@echo "installing the lowest versions that pyproject.toml allows into $(LOWEST)" >&2
	@$(PYTHON) .ci/lowest.py > $(LOWEST)/lowest.txt
	@$(LOWEST)/$(SCRIPTS)/python $(PIP_INSTALL) --constraint $(LOWEST)/lowest.txt \
		--editable ".[dev]"
	@$(LOWEST)/$(SCRIPTS)/python $(FAST_TESTS) $(ARGS)

test-versions: $(READY_DEV) ## the same bytes from PYTHONS="python3.11 ..." and old and new packages
	@$(BIN)/python -m tests.versions $(PYTHONS)

frozen: $(READY_DEV) ## how answers about sample_data/ differ from the frozen ones
	@$(BIN)/python -m tests.frozen $(ARGS)

check: $(READY_DEV) ## format, lint and types, changing nothing
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary

fix: $(READY_DEV) ## format, and mend what the linter can mend
	@$(BIN)/ruff check --quiet --fix . || true
	@$(BIN)/ruff format --quiet .

bench: $(READY_DEV) ## measure speed and memory; prints the table of benchmarks/README.md
	@$(BIN)/python -m benchmarks.run $(ARGS)

gallery: $(READY_DEV) ## draw the pictures of docs/pictures.md and the README anew
	@$(BIN)/python -m docs.make_gallery
	@$(BIN)/python -m docs.make_first_picture

reference: $(READY_DEV) ## write docs/presets.md and the tables of docs/quirks.md anew
	@$(BIN)/python -m docs.make_reference

docs: $(READY_DEV) $(READY_DOCS) ## build the site of docs/ in build/docs/site
	@$(BIN)/python -m docs.make_site stage $(SITE)
	@$(DOCS_VENV)/$(SCRIPTS)/zensical build --strict --config-file $(SITE)/zensical.toml
	@$(BIN)/python -m docs.make_site finish $(SITE)

notebooks: $(READY_DEV) ## run the notebooks of docs/notebooks anew
	@$(BIN)/python -m tools.notebooks

man: $(READY_DEV) ## write the man page anew
	@$(BIN)/python -m tools.man_page > docs/atss-inspect.1

bench-peers: $(READY_DEV) ## speed beside the frameworks' own code, in an environment of its own
	@$(BIN)/python -m benchmarks.peers $(ARGS)

import-proof: $(READY_DEV) ## configs of four wheels as mmengine reads them (network)
	@$(BIN)/python -m tools.import_proof

fiftyone-proof: $(READY_DEV) ## what FiftyOne keeps of `export coco` (network)
	@$(BIN)/python -m tools.fiftyone_proof

fuzz: $(READY_FUZZ) ## look for input that crashes us: 7 targets, FUZZ_SECONDS=600 each
	@for target in bytes document settings labels yaml voc picture; do \
		$(FUZZ_VENV)/$(SCRIPTS)/python -W error::RuntimeWarning -m tests.fuzz $$target \
			$(FUZZ_SECONDS) build/fuzz || exit 1; done

smoke: $(READY_DEV) ## build the wheel, install it as users do, without the lock, use it elsewhere
	@$(BIN)/python tests/smoke.py

setup: $(READY_DEV) ## only set up .venv with the development tools
	@:

lock: $(UV_VENV)/pyvenv.cfg ## the lock files anew; with UPGRADE= keep what need not change
	@echo "resolving what pyproject.toml asks for into $(LOCK), $(LOCK_DEV)" \
		"and $(LOCK_DOCS)" >&2
	@$(UV_VENV)/$(SCRIPTS)/python $(PIP_INSTALL) --upgrade uv
	@UV_CUSTOM_COMPILE_COMMAND="make lock" $(UV_COMPILE) $(UPGRADE) --group build \
		--extra dev pyproject.toml --output-file $(LOCK_DEV) > /dev/null
	@UV_CUSTOM_COMPILE_COMMAND="make lock" $(UV_COMPILE) $(UPGRADE) --group build \
		pyproject.toml --constraints $(LOCK_DEV) --output-file $(LOCK) > /dev/null
	@UV_CUSTOM_COMPILE_COMMAND="make lock" $(UV_COMPILE) $(UPGRADE) --group docs \
		--output-file $(LOCK_DOCS) > /dev/null
	@UV_CUSTOM_COMPILE_COMMAND="make lock" $(UV_COMPILE) $(UPGRADE) --group release \
		--constraints $(LOCK_DEV) --output-file requirements/release.txt > /dev/null

lock-check: $(READY_DEV) ## whether every locked version has a wheel for every system
	@$(BIN)/python -m tests.locked_wheels

clean: ## remove everything make has made, .venv included
	rm -rf $(VENV) build dist *.egg-info benchmarks/data
	rm -rf .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Every environment begins like this; what is in its way is removed.
define make_environment
	@command -v $(PYTHON) > /dev/null || \
		{ echo "no $(PYTHON) here; say which Python to use: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit( \
		"atss-inspect needs Python 3.11 or newer, and %s is %s; say which to use: make PYTHON=python3.12" \
		% (sys.executable, sys.version.split()[0]))'
	@$(PYTHON) -c 'import platform, sys; print( \
		"$(1)making an environment in $(2) with Python", platform.python_version(), \
		file=sys.stderr)'
	@$(PYTHON) -m venv --clear $(2)
endef

$(BIN)/python$(EXE):
	$(call make_environment,1/3 ,$(VENV))

build/%-venv/pyvenv.cfg:
	$(call make_environment,,$(@D))

$(READY_FUZZ): pyproject.toml
	$(call make_environment,,$(FUZZ_VENV))
	@$(FUZZ_VENV)/$(SCRIPTS)/python $(PIP_INSTALL) --editable ".[fuzz]"
	@touch $@

$(READY_DOCS): $(LOCK_DOCS)
	$(call make_environment,,$(DOCS_VENV))
	@$(DOCS_VENV)/$(SCRIPTS)/python $(PIP_INSTALL) --require-hashes --requirement $(LOCK_DOCS)
	@touch $@

$(READY): pyproject.toml $(LOCK) | $(BIN)/python$(EXE)
	@echo "2/3 installing numpy, pandas, matplotlib and what else it needs, from $(LOCK):" \
		"exact versions, checked by hash (about 60 MB)" >&2
	@$(BIN)/python $(PIP_INSTALL) --require-hashes --requirement $(LOCK)
	@echo "3/3 installing atss-inspect itself, in place: changes to this folder count at once" >&2
	@$(IN_PLACE)
	@touch $@

$(READY_DEV): pyproject.toml $(LOCK_DEV) | $(BIN)/python$(EXE)
	@echo "2/3 installing what it needs and the development tools, from $(LOCK_DEV):" \
		"exact versions, checked by hash (about 160 MB)" >&2
	@$(BIN)/python $(PIP_INSTALL) --require-hashes --requirement $(LOCK_DEV)
	@echo "3/3 installing atss-inspect itself, in place: changes to this folder count at once" >&2
	@$(IN_PLACE)
	@touch $(READY) $@
