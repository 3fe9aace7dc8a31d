#!/usr/bin/env bash
# The layers below the adapters, in an environment that holds the base dependencies and a test runner only:
# an import of a framework, a database library or an extra fails here.
set -euo pipefail
cd "$(dirname "$0")/.."
python="${TOOLKIT_PYTHON:-.cache/toolkit/bin/python}"

paths=()
for path in tests/test_*.py tests/crypto tests/oauth tests/session tests/wire; do
    [ -e "$path" ] && paths+=("$path")
done
exec $python -m pytest -q -p no:cacheprovider -m "not js and not verify" "${paths[@]}" "$@"
