#!/usr/bin/env bash
# What a release needs beside `make test`: other ways to run the same code, and what is too slow for every change.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/phase.sh
python=.venv/bin/python

phase "Set up"
scripts/deps.sh system python js toolkit lowest

phase "Checks"
scripts/check.sh || fail

phase "Every test, and how much of the code they run"
COVERAGE=1 scripts/test.sh || fail

# pytest rewrites the asserts of test modules, so they hold under -O; those of the product must not be needed.
phase "The toolkit under python -O, with no extra installed"
TOOLKIT_PYTHON=".cache/toolkit/bin/python -O" scripts/toolkit_tests.sh \
    -W "ignore:assertions not in test modules:pytest.PytestConfigWarning" || fail

phase "Every attack under python -OO"
scripts/optimized.sh || fail

phase "The adapters with the oldest frameworks that are promised"
PYTHONPATH=. .cache/lowest/bin/python -m pytest -q -p no:cacheprovider -m "not js and not verify" tests/adapters \
    tests/audit tests/testing/test_lab.py tests/testing/test_faults.py tests/testing/test_clients.py \
    --ignore tests/adapters/test_proxies.py --ignore tests/audit/test_command.py \
    -W "default::DeprecationWarning" -W "default::PendingDeprecationWarning" || fail

phase "Everything on PostgreSQL"
$python -m pytest -q tests -m "verify and postgres and not slow" -n 2 --dist loadfile || fail

phase "API fuzzing and what else is marked verify"
$python -m pytest -q tests -m "verify and not (postgres and not slow)" || { code=$?; [ $code -eq 5 ] || fail; }

phase "Fuzzing: ten minutes for each parser of strangers' text"
scripts/fuzz.sh "${FUZZ_SECONDS:-600}" || fail

phase "Known vulnerabilities"
$python scripts/audit.py || fail

phase "The wheel, built twice"
scripts/reproducible.sh || fail

phase "The wheel in an empty environment"
scripts/wheel_check.sh || fail

phase "Verified"
