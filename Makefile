# The few commands a newcomer needs; everything else is `.venv/bin/acc --help`.
#
#   make run     four nodes with the ECC DApp, the tour, then http://127.0.0.1:8080 until Ctrl-C
#                ONCE=1 ends after the tour; PORT=9000 and NODES=7 choose port and nodes
#   make test    every test, TypeScript first, then Python; ARGS="-k name" goes to pytest
#   make check   formatting, lint, types, import contracts
#   make clean   removes what the commands above made

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run test check clean environment

ONCE ?=
PORT ?= 8080
NODES ?= 4
ARGS ?=
BIN := .venv/bin

help:
	@sed -n 's/^#  \{0,3\}//p' Makefile

environment:
	@scripts/bootstrap

run: environment
	@exec $(BIN)/acc demo --nodes $(NODES) --port $(PORT) $(if $(ONCE),--once)

test: environment
	@scripts/test $(ARGS)

check: environment
	@scripts/check

clean:
	rm -rf .venv devnet sdk-js/node_modules sdk-js/dist .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
