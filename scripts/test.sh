#!/usr/bin/env bash
# Every test. Needs no running service, uses free ports, leaves nothing behind.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/phase.sh
unset PYTHONDONTWRITEBYTECODE # hundreds of processes would compile the same modules

phase "Set up"
scripts/deps.sh system python js client toolkit

phase "The toolkit's own tests with no extra installed"
scripts/toolkit_tests.sh

if [ $# -gt 0 ]; then
    phase "What was asked for"
    .venv/bin/python -m pytest tests -m "not verify" "$@" || fail
    exit
fi

# Counting lines costs a third of the time: `make verify` and COVERAGE=1 do it.
counting=() counting_on=()
if [ -n "${COVERAGE:-}" ]; then
    rm -f .coverage .coverage.*
    counting=(--cov --cov-report=) counting_on=(--cov --cov-append --cov-report=)
fi

# Two processes for what is not the browser's, which wants the machine to itself. A file stays in one process.
phase "Units, SQLite and PostgreSQL, adapters, official JavaScript clients"
.venv/bin/python -m pytest tests -m "not verify and not e2e" -n 2 --dist loadfile \
    ${counting[@]+"${counting[@]}"} --durations=10 || fail

phase "The browser client"
(cd clients/js && ../../.venv/bin/node node_modules/typescript/bin/tsc -p tsconfig.json \
    && ../../.venv/bin/node node_modules/vitest/vitest.mjs run) || fail

phase "The browser"
.venv/bin/python -m pytest tests -m "e2e and not verify" ${counting_on[@]+"${counting_on[@]}"} --durations=5 || fail

if [ -n "${COVERAGE:-}" ]; then
    phase "Coverage"
    .venv/bin/python scripts/coverage_gate.py || fail
fi
phase "Done"
