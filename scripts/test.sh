#!/usr/bin/env bash
# Every test. Needs no running service, uses free ports, leaves nothing behind.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/phase.sh

phase "Set up"
scripts/deps.sh system python js toolkit

phase "The toolkit's own tests with no extra installed"
scripts/toolkit_tests.sh

if [ $# -gt 0 ]; then
    phase "What was asked for"
    .venv/bin/python -m pytest tests -m "not verify" "$@" || fail
    exit
fi

# Two processes for what is not the browser's, which wants the machine to itself. A file stays in one process.
rm -f .coverage .coverage.*
phase "Units, SQLite and PostgreSQL, adapters, official JavaScript clients"
.venv/bin/python -m pytest tests -m "not verify and not e2e" -n 2 --dist loadfile \
    --cov --cov-report= --durations=10 || fail

phase "The browser"
.venv/bin/python -m pytest tests -m "e2e and not verify" --cov --cov-append --cov-report= --durations=5 || fail

phase "Coverage"
.venv/bin/python scripts/coverage_gate.py || fail
phase "Done"
