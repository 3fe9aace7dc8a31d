#!/usr/bin/env bash
# Every fault, the long runs too (about half an hour), and their figures into docs/reliability.md.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/deps.sh system python
rm -rf .cache/faults
.venv/bin/python -m pytest -q tests/faults
.venv/bin/python -m tests.faults.report
