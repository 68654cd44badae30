PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

REGISTRY ?= ghcr.io/seedbed
TAG      ?= dev
BUILD    ?= $(if $(shell command -v docker),docker build,buildah build --layers)

.PHONY: help demo test test-fast lint crds images bench-evaluator clean

help:           ## What there is to make
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/: .*## /\t/' | expand -t 18

demo: $(VENV)/.runner  ## Decide a real goal on this machine: handwritten digits, at least 97 %
	$(BIN)/research-agent run examples/digits.yaml

test: lint test-fast  ## Everything: ruff, mypy, import rules, all tests
	$(BIN)/pytest -q -m slow

test-fast: $(VENV)/.dev  ## The tests that take less than a minute together
	$(BIN)/pytest -q -n auto -m "not slow"

lint: $(VENV)/.dev  ## ruff, mypy, import rules, stale CRDs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m seedbed.api.crds --check crds

crds: $(VENV)/.dev  ## Write crds/ from the models
	$(BIN)/python -m seedbed.api.crds --write crds

images:         ## Build both images: docker or buildah, TAG=dev, TORCH_INDEX=(an index with CPU builds)
	$(BUILD) -t $(REGISTRY)/operator:$(TAG) -f Dockerfile .
	$(BUILD) -t $(REGISTRY)/runner:$(TAG) -f runner-image/Dockerfile \
	    $(if $(TORCH_INDEX),--build-arg PIP_EXTRA_INDEX_URL=$(TORCH_INDEX)) .

bench-evaluator: $(VENV)/.dev  ## The evaluator beside a hand-written loop, start-up and memory
	$(BIN)/python benchmarks/evaluator.py

clean:          ## Remove what was installed and built (results in seedbed-runs/ stay)
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

$(VENV)/.pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Seedbed needs Python 3.11 or newer, not " + sys.version.split()[0] + ": make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q "pip>=25.1"
	@touch $@

$(VENV)/.runner: $(VENV)/.pip pyproject.toml constraints.txt
	$(BIN)/python -m pip install -q -c constraints.txt -e ".[runner]"
	@touch $@

$(VENV)/.dev: $(VENV)/.runner
	$(BIN)/python -m pip install -q -c constraints.txt -e ".[runner,operator]" --group dev
	@touch $@
