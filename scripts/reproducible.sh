#!/usr/bin/env bash
# Two builds of one commit are the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
export SOURCE_DATE_EPOCH
SOURCE_DATE_EPOCH="$(git log -1 --format=%ct)"
for build in first second; do
    .venv/bin/python -m build --no-isolation --wheel --outdir "$place/$build" . >"$place/$build.log" 2>&1 ||
        { tail -n 20 "$place/$build.log"; exit 1; }
done
cmp "$place"/first/*.whl "$place"/second/*.whl
sha256sum "$place"/first/*.whl | sed "s|$place/first/||"
