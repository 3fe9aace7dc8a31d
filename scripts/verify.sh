#!/usr/bin/env bash
# What a release needs beside `make test`: other ways to run the same code, and what is too slow for every change.
# Goes through all of it, then fails if one part did.
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/phase.sh
python=.venv/bin/python
failed=()

part() {
    local name="$1"; shift
    phase "$name"
    "$@" || failed+=("$name")
}

optimized_toolkit() {
    # pytest rewrites the asserts of test modules, so they hold under -O; those of the product must not be needed.
    TOOLKIT_PYTHON=".cache/toolkit/bin/python -O" scripts/toolkit_tests.sh \
        -W "ignore:assertions not in test modules:pytest.PytestConfigWarning"
}

oldest_frameworks() {
    PYTHONPATH=. .cache/lowest/bin/python -m pytest -q -p no:cacheprovider -m "not js and not verify" \
        tests/adapters tests/audit tests/testing/test_lab.py tests/testing/test_faults.py \
        tests/testing/test_clients.py --ignore tests/adapters/test_proxies.py --ignore tests/audit/test_command.py \
        -W "default::DeprecationWarning" -W "default::PendingDeprecationWarning"
}

phase "Set up"
scripts/deps.sh system python js toolkit lowest || fail

part "Checks" scripts/check.sh
part "Every test, and how much of the code they run" env COVERAGE=1 scripts/test.sh
part "The toolkit under python -O, with no extra installed" optimized_toolkit
part "Every attack under python -OO" scripts/optimized.sh
part "The adapters with the oldest frameworks that are promised" oldest_frameworks
part "Everything on PostgreSQL" \
    $python -m pytest -q tests -m "verify and postgres and not slow" -n 2 --dist loadfile
part "API fuzzing and what else is marked verify" \
    $python -m pytest -q tests -m "verify and not (postgres and not slow)" --ignore tests/frontends
# By themselves: one process has room for one Playwright.
part "The real front ends in front of Python" $python -m pytest -q tests/frontends -m verify
part "Fuzzing: ten minutes for each parser of strangers' text" scripts/fuzz.sh "${FUZZ_SECONDS:-600}"
part "Known vulnerabilities" $python scripts/audit.py
part "The wheel, built twice" scripts/reproducible.sh
part "The wheel in an empty environment" scripts/wheel_check.sh

if [ ${#failed[@]} -gt 0 ]; then
    phase "Failed"
    printf '%s\n' "${failed[@]}"
    exit 1
fi
phase "Verified"
