#!/usr/bin/env bash
# The identity server with the demo app beside it; `vestibule dev` starts both and Ctrl-C stops both.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"
printf 'The demo app will be at http://localhost:%s; its server, the demo user and the development inbox follow.\n' \
    "${APP_PORT:-8000}"
exec vestibule dev --port "${PORT:-8100}" --app-url "http://localhost:${APP_PORT:-8000}" -- \
    uvicorn --app-dir examples/demo demo:app --port "${APP_PORT:-8000}" --reload --reload-dir examples/demo --reload-dir src
