# make demo   sets up everything in .venv and shows what Regreen does
# make test   sets up everything and passes all checks and tests
# make check  the quick part of it, while you work
# make workbench  clicks through all of the extension in a real VS Code workbench
# make model-test  repairs with real small models on this machine, once they are installed (some minutes)
# make packages  all that is published: wheel, sdist and the VS Code extension with the server inside (make vsix: that alone;
#             TARGET=linux-arm64, darwin-x64 or darwin-arm64 for another platform)
# make viewer  puts the viewer of mutation reports into the package, as it is in the wheel
# make clean  removes what these made

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
CLIENT := vscode-client
STEP := @scripts/step
PYTEST := $(BIN)/python -m pytest

export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Stamps: each is newer than what it was made from, so nothing is installed twice.
RUNTIME := $(VENV)/.runtime-installed
TOOLS := $(VENV)/.tools-installed
MODULES := $(CLIENT)/node_modules/.installed
VIEWER := server/regreen/viewer/mutation-test-elements.js

.PHONY: help demo test check workbench model-test clean packages viewer vsix wheel

help:
	@sed -n 's/^# //p' Makefile | head -9

demo: $(RUNTIME)
	@$(BIN)/regreen demo

test: $(TOOLS) $(MODULES) $(VIEWER)
	$(STEP) "Format" $(BIN)/ruff format --check --quiet .
	$(STEP) "Lint" $(BIN)/ruff check --quiet .
	$(STEP) "Types" $(BIN)/mypy
	$(STEP) "Architecture" $(PYTEST) -q tests/architecture
	$(STEP) "Editors" scripts/install-test-tools
	$(STEP) "VS Code client: types" npm --prefix $(CLIENT) run --silent check
	$(STEP) "VS Code client: tests" npm --prefix $(CLIENT) test --silent
	$(STEP) "Tests" $(PYTEST) -q -n 2 --dist loadfile --timeout 300 --durations 10
	$(STEP) "VS Code workbench" scripts/editor-rig --short --again

check: $(TOOLS)
	$(STEP) "Format" $(BIN)/ruff format --check --quiet .
	$(STEP) "Lint" $(BIN)/ruff check --quiet .
	$(STEP) "Types" $(BIN)/mypy
	$(STEP) "Tests" $(PYTEST) -q -n 2 --timeout 60 tests/architecture tests/unit

workbench: $(TOOLS) $(MODULES)
	$(STEP) "VS Code workbench" scripts/editor-rig

model-test: $(TOOLS)
	$(STEP) "Small models" scripts/install-test-model
	@$(BIN)/python benchmarks/small_model.py

wheel: $(TOOLS) $(VIEWER)
	@rm -rf dist
	@$(BIN)/python -m build --wheel --outdir dist . >/dev/null
	@ls dist/*.whl

viewer: $(VIEWER)

packages: vsix
	@$(BIN)/python -m build --sdist --outdir dist . >/dev/null
	@cp $(CLIENT)/regreen.vsix dist/regreen-$$($(BIN)/regreen --version | cut -d ' ' -f 2).vsix
	@ls -lh dist

vsix: wheel $(MODULES)
	@$(BIN)/python scripts/bundle-libs dist/*.whl $(TARGET)
	@npm --prefix $(CLIENT) run --silent build
	@cd $(CLIENT) && npm run --silent package >/dev/null
	@ls -lh $(CLIENT)/regreen.vsix

clean:
	rm -rf $(VENV) dist build server/regreen/viewer $(CLIENT)/node_modules $(CLIENT)/out $(CLIENT)/bundled/libs* $(CLIENT)/*.vsix
	rm -rf .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@python=$$(scripts/find-python) && echo "Making $(VENV) with $$python" && $$python -m venv $(VENV)

$(RUNTIME): pyproject.toml | $(BIN)/python
	@echo "Installing Regreen into $(VENV)"
	@$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(TOOLS): pyproject.toml $(RUNTIME)
	@echo "Installing the test tools into $(VENV)"
	@$(BIN)/python -m pip install --quiet --group dev
	@touch $@

$(VIEWER): $(MODULES)
	@mkdir -p $(@D)
	@cp $(CLIENT)/node_modules/mutation-testing-elements/LICENSE $(@D)/LICENSE.txt
	@cp $(CLIENT)/node_modules/mutation-testing-elements/dist/$(@F) $@

$(MODULES): $(CLIENT)/package.json $(CLIENT)/package-lock.json
	@command -v npm >/dev/null || { echo "The VS Code client needs Node.js 20 or newer with npm: install it and run make again." >&2; exit 1; }
	@echo "Installing the client's build tools"
	@cd $(CLIENT) && npm ci --silent
	@touch $@
