#!/usr/bin/env bash
# Every test. Needs no running service, uses free ports, leaves nothing behind.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/phase.sh

phase "Set up"
scripts/deps.sh system python js toolkit

phase "The toolkit's own tests with no extra installed"
scripts/toolkit_tests.sh

phase "Everything: units, SQLite and PostgreSQL, adapters, official JavaScript clients, browser"
rm -f .coverage .coverage.*
.venv/bin/python -m pytest tests -m "not verify" --cov --cov-report= --durations=10 "$@" || fail
[ $# -gt 0 ] || .venv/bin/python scripts/coverage_gate.py
