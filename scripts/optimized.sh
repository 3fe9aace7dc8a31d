#!/usr/bin/env bash
# Every test named after an attack, with Python's asserts taken out of the product (PYTHONOPTIMIZE=2, which
# programs started by the tests inherit). pytest rewrites those of the test modules, so they hold.
set -euo pipefail
cd "$(dirname "$0")/.."
named="test_reg_"
for letters in CK JW JK PS OR CS PW EN RL RT LO OG EV RS AS AD AK HH SZ UN HI CA LG; do
    named+=" or test_${letters}_"
done
PYTHONOPTIMIZE=2 exec .venv/bin/python -m pytest -q -p no:cacheprovider tests -m "not verify and not js" -k "$named" \
    -W "ignore:assertions not in test modules:pytest.PytestConfigWarning" "$@"
