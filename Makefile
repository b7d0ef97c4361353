# One command for each habit. `make help` lists them.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done)

.PHONY: help chat test lint types check bench screenshots clean
.DEFAULT_GOAL := help

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The environment: uv where there is one, pip otherwise. One stamp for running, one for developing.
$(BIN)/python:
	@{ command -v uv >/dev/null 2>&1 && uv venv -q --python '>=3.11' $(VENV); } \
	  || { test -n "$(PYTHON)" && $(PYTHON) -m venv $(VENV); } \
	  || { rm -rf $(VENV); echo "Could not make $(VENV). agentick needs Python 3.11 or later with venv (Debian: apt install python3-venv)."; \
	       echo "Install it, or set PYTHON=/path/to/python3.11, and try again."; exit 1; }

INSTALL = if command -v uv >/dev/null 2>&1; then uv pip install -q --python $(BIN)/python $(1); \
	else $(BIN)/python -m pip install -q --disable-pip-version-check $(1); fi \
	|| { echo "Installing failed. Check the network and the package index that pip uses, then run make again."; exit 1; }

$(VENV)/.run: pyproject.toml | $(BIN)/python
	@echo "Installing agentick into $(VENV) ..."
	@$(call INSTALL,-e .)
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	@echo "Installing agentick and its test tools into $(VENV) ..."
	@$(call INSTALL,-e '.[dev]')
	@touch $@ $(VENV)/.run

chat: $(VENV)/.run  ## open the chat (offline model where there is no key)
	@$(BIN)/agentick

test: $(VENV)/.dev  ## run every test
	@$(BIN)/python -m pytest -n auto tests

lint: $(VENV)/.dev  ## ruff, the format, and the import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check -q .
	@$(BIN)/lint-imports --no-cache

types: $(VENV)/.dev  ## pyright, strict
	@$(BIN)/pyright

check: test  ## everything that must hold: lint and types are tests too

bench: $(VENV)/.dev  ## print each budget with its figure
	@$(BIN)/python -m tests.bench

screenshots: $(VENV)/.dev  ## make the pictures again
	@$(BIN)/python -m tests.screenshots

clean:  ## remove what was built
	@rm -rf $(VENV) dist build .pytest_cache .ruff_cache .hypothesis
