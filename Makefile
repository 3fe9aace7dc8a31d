# The one door. A newcomer needs two of these: `make dev` and `make test`. Each sets up what it needs.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

export PORT ?= 8100
export APP_PORT ?= 8000
BIN := .venv/bin

.PHONY: help dev test verify check fix bench docs audit wheel-check api locales screens frontends deps lock clean

help: ## list the doors
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1|/' | awk -F'|' '{printf "make %-12s %s\n", $$1, $$2}'

dev: ## an identity server on PORT (8100) and the demo app on APP_PORT (8000); Ctrl-C stops both
	@scripts/deps.sh python
	@exec scripts/dev.sh

test: ## every test: units, databases, adapters, official JavaScript clients, a real browser
	@scripts/test.sh

verify: ## what a release needs besides: python -O, lowest versions, API fuzzing, reproducible wheel
	@scripts/verify.sh

check: ## format, lint, types, import contracts, declared dependencies, spelling
	@scripts/deps.sh python
	@scripts/check.sh

fix: ## let ruff mend what it can
	@scripts/deps.sh python
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: ## measure sessions, pages, grants and start-up against the peers, into benchmarks/results.md (7 min)
	@scripts/deps.sh system python js bench
	$(BIN)/python -m benchmarks

docs: ## build the documentation into site/, failing on a broken link
	@scripts/deps.sh python
	$(BIN)/python -m mkdocs build --strict --quiet
	@echo "site/index.html is the start page"

audit: ## known vulnerabilities in the pinned requirements
	@scripts/deps.sh python
	$(BIN)/python scripts/audit.py

wheel-check: ## build the wheel, install it in an empty environment, serve and sign in
	@scripts/deps.sh python
	@scripts/wheel_check.sh

api: ## write the public names to tests/public_api.txt and docs/reference/api.md
	@scripts/deps.sh python
	$(BIN)/python -m tests.project.public_names > tests/public_api.txt.new
	@mv tests/public_api.txt.new tests/public_api.txt
	$(BIN)/python -m tests.project.api_page
	@git --no-pager diff --stat -- tests/public_api.txt docs/reference/api.md

locales: ## bring today's sentences into the file of every language, and count what has no translation
	@scripts/deps.sh python
	$(BIN)/python -m tests.project.locales

screens: ## take the pictures in docs/screens anew; a test run only writes missing ones
	@scripts/deps.sh system python js
	@scripts/system.sh fonts-noto-cjk # the name of Japanese, in Japanese
	VESTIBULE_SCREENS=1 $(BIN)/python -m pytest -q $$(grep -lE 'take_picture|look_at' tests/e2e/test_*.py)

frontends: ## every official front end in a real browser against Python (15 min); writes docs/compatibility.md
	@scripts/deps.sh system python js
	VESTIBULE_COMPATIBILITY=1 $(BIN)/python -m pytest -q tests/frontends

deps: ## install everything that development needs
	@scripts/deps.sh system python js client toolkit

lock: ## resolve requirements/*.txt anew (releases younger than a week are left out)
	@scripts/deps.sh python
	@scripts/lock.sh

clean: ## remove what the doors made
	rm -rf .venv .cache build dist site tests/js/node_modules clients/js/node_modules examples/*/node_modules .coverage .coverage.*
