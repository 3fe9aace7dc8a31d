#!/usr/bin/env bash
# Resolves requirements/*.txt anew from pyproject.toml and requirements/dev.in. Releases younger than
# a week are left out: a compromised release is usually found and withdrawn within days.
set -euo pipefail
cd "$(dirname "$0")/.."
uv="${UV:-.venv/bin/uv}"
cooldown="${EXCLUDE_NEWER:-$(date -u -d '7 days ago' +%Y-%m-%d)}"
extras=(fastapi starlette flask django litestar oauth server cli postgres redis speed telemetry)

lock() {
    local output="$1"; shift
    {
        echo "# Written by scripts/lock.sh; change pyproject.toml or requirements/dev.in instead."
        "$uv" pip compile --quiet --no-config --universal --python-version 3.11 --exclude-newer "$cooldown" \
            --generate-hashes --no-emit-index-url --no-header --no-annotate "$@"
    } > "$output.new"
    mv "$output.new" "$output"
    echo "$output: $(grep -c == "$output") packages"
}

lock requirements/dev.txt "${extras[@]/#/--extra=}" pyproject.toml requirements/dev.in
lock requirements/server.txt --extra=server --extra=postgres --extra=redis --extra=speed --extra=telemetry pyproject.toml
lock requirements/toolkit.txt pyproject.toml requirements/toolkit.in
lock requirements/node22.txt requirements/node22.in
lock requirements/lowest.txt --resolution=lowest-direct \
    --extra=fastapi --extra=starlette --extra=flask --extra=django --extra=litestar --extra=rate pyproject.toml requirements/lowest.in
