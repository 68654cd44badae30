PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

REGISTRY ?= ghcr.io/seedbed
TAG      ?= dev
BUILD    ?= $(if $(shell command -v docker),docker build,buildah build --layers)

.PHONY: help demo fuzz test test-fast test-slow test-cluster lint crds images cluster cluster-down bench-evaluator bench-gpu bench-claims bench-operator bench-planning clean

help:           ## What there is to make
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/: .*## /\t/' | expand -t 18

demo: $(VENV)/.runner  ## Decide a real goal on this machine: handwritten digits, at least 97 %
	$(BIN)/research-agent run examples/digits.yaml

test: lint test-fast  ## Everything: ruff, mypy, import rules, all tests
	$(MAKE) --jobs 2 --output-sync test-slow test-cluster

test-slow: $(VENV)/.dev  ## The tests that train or start many processes
	$(BIN)/pytest -q -m "slow and not cluster" --durations 10

test-cluster: $(VENV)/.dev  ## The tests on the cluster that KUBECONFIG names (docs/development.md)
	$(BIN)/pytest -q -m "slow and cluster" --durations 20

test-fast: $(VENV)/.dev  ## The tests that need no training and few processes
	$(BIN)/pytest -q -n auto -m "not slow"

fuzz: $(VENV)/.dev  ## Throw 100,000 broken predictions, headers, records and messages at their readers
	SEEDBED_FUZZ=100000 $(BIN)/pytest -q tests/redteam/test_fuzz.py

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

# `kind load` does not take images with attestations. What is printed at the end: docs/development.md.
cluster: export BUILDX_NO_DEFAULT_ATTESTATIONS = 1
cluster:        ## A kind cluster named seedbed with the images of this tree on its node; needs docker and kind
	@for tool in docker kind; do command -v $$tool >/dev/null || { \
	    echo "make cluster: $$tool is not on the PATH: install it, or name a cluster of your own by KUBECONFIG" >&2; exit 1; }; done
	@docker info >/dev/null || { echo "make cluster: docker does not answer: start it" >&2; exit 1; }
	$(MAKE) images BUILD="docker build"
	docker build -t $(REGISTRY)/standin:$(TAG) tests/fakes/standin
	mkdir -p .tools
	kind get clusters | grep -qx seedbed || kind create cluster --config tests/cluster/kind.yaml --wait 2m --kubeconfig .tools/kubeconfig
	kind export kubeconfig --name seedbed --kubeconfig .tools/kubeconfig
	kind load docker-image --name seedbed $(foreach image,operator runner standin,$(REGISTRY)/$(image):$(TAG))
	@echo "export KUBECONFIG=$(CURDIR)/.tools/kubeconfig"
	@docker network inspect kind --format '{{range .IPAM.Config}}{{println .Gateway}}{{end}}' | sed -n '/\./{s/^/export SEEDBED_TEST_HOST=/p;q}'
	@echo "export SEEDBED_TEST_RESTART_API=$(CURDIR)/.ci/restart-kind-api"

cluster-down:   ## Remove that cluster
	kind delete cluster --name seedbed --kubeconfig .tools/kubeconfig

bench-evaluator: $(VENV)/.dev  ## The evaluator beside a hand-written loop, start-up and memory: docs/evaluator.md
	$(BIN)/python benchmarks/evaluator.py --write docs/evaluator.md

bench-gpu: $(VENV)/.dev  ## The evaluator beside that loop on a GPU: samples a second, first step, utilisation
	PYTHONPATH=tests $(BIN)/python benchmarks/gpu.py

bench-claims: $(VENV)/.dev  ## Every promise of the claims, simulated: docs/claims.md and its plots
	$(BIN)/python benchmarks/claims --write docs

bench-operator: $(VENV)/.dev  ## What one operator carries, on the cluster that KUBECONFIG names; OPTIONS=--quick
	PYTHONPATH=tests $(BIN)/python benchmarks/operator --write docs/sizing.md $(OPTIONS)

bench-planning: $(VENV)/.dev  ## The search planner beside Optuna and blind draws: docs/planning-benchmark.md
	$(BIN)/python benchmarks/planning --write docs

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
	$(BIN)/python -m pip install -q -c constraints.txt -e ".[runner,operator,wandb,mlflow]" --group dev
	@touch $@
