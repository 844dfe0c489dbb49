# Everything one does with a checkout. `make` alone lists it.
#
# Needs python3 >= 3.10, gcc (or another C compiler) and make; the rest goes into .venv.
# `make setup PYTHON=python3.12` chooses the Python.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.engram-installed
PLOTS  := $(VENV)/.engram-with-plots
PYTEST := $(BIN)/python -m pytest -q
SHARED := -n auto --dist worksteal

# tests start a hundred interpreters, each of which would compile engram anew; `make clean` removes what is kept
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-all fmt lint types imports golden docs site bench bench-growth bench-storage same-bits exactness fuzz sizes check clean

help:  ## list the recipes
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 21

setup: $(STAMP)  ## make .venv with engram (editable) and all tools

define install
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "engram needs Python 3.10 or later, this is " + sys.version)'
	@test -x $(BIN)/python || { echo "making $(VENV) ..."; $(PYTHON) -m venv $(VENV); }
	@echo "installing engram and $(1) into $(VENV) ..."
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable $(2)
	@touch $(3)
endef

$(STAMP): pyproject.toml
	$(call install,its tools,'.[dev]',$(STAMP) $(PLOTS))

# the demo needs no tools: who tries engram waits for matplotlib alone
$(PLOTS): pyproject.toml
	$(call install,matplotlib,'.[plot]',$(PLOTS))

demo: $(PLOTS)  ## simulate, save in five formats, resume each in a fresh process
	@$(BIN)/engram demo

test: lint types imports  ## what every change must pass
	@$(PYTEST) $(SHARED) -m "not nightly"

test-all: lint types imports  ## the same, with the long tests and more examples
	@$(PYTEST) $(SHARED) --hypothesis-profile nightly

check: test  ## the same as test

lint: setup  ## ruff: rules and layout
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

fmt: setup  ## put the layout right, mend what ruff can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: setup  ## mypy, strict
	@$(BIN)/mypy

imports: setup  ## import-linter: imports point down only
	@$(BIN)/lint-imports

golden: setup  ## write the golden files anew; look at the difference before you commit it
	@ENGRAM_GOLDEN=1 $(PYTEST) -k golden

docs: setup  ## run every example of README, docs/ and examples/
	@$(PYTEST) tests/docs tests/examples

site: setup  ## the documentation as a site, with the figures of all examples, in build/site (about a minute)
	@MPLBACKEND=Agg $(BIN)/python -m sphinx -q -W --keep-going -c docs/site docs build/site
	@echo "look at build/site/index.html"

bench: setup  ## measure, beside the bars
	@$(BIN)/python -m benchmarks.run

bench-growth: setup  ## 100 to 3,200 populations: what each costs (minutes)
	@$(BIN)/python -m benchmarks.objects

bench-storage: setup  ## saving and loading 10 and 50 million synapses, beside the machine's limits (minutes)
	@$(BIN)/python -m benchmarks.storage

same-bits: setup  ## A=commit B=commit: run many networks in both, compare every bit
	@$(BIN)/python tools/same_bits.py $(A) $(B)

exactness: setup  ## put networks down anywhere, in every format, and pick them up in every way (minutes)
	@$(BIN)/python -m tools.exactness

fuzz: setup  ## let networks load 10,000 spoilt files of each format (minutes)
	@$(BIN)/python -m tools.fuzz

sizes: setup  ## lines per file and function
	@$(BIN)/python -m benchmarks.sizes

clean:  ## remove what the recipes made, but for .venv
	@rm -rf build dist docs/gallery *.egg-info engram-demo engram-demo.png .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find engram tests benchmarks examples tools -name __pycache__ -type d -prune -exec rm -rf {} +
