#!/usr/bin/env bash
# Fuzzes each parser of strangers' text for SECONDS (600): scripts/fuzz.sh [SECONDS] [target …] [--record]
set -euo pipefail
cd "$(dirname "$0")/.."
exec .venv/bin/python -m tests.fuzz.run "${@:-600}"
