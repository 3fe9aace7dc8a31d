#!/usr/bin/env bash
# Everything that can be said about the code without running it. Goes through all checks, then fails if one did.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
failed=()

run() {
    local name="$1" started=$SECONDS; shift
    if output="$("$@" 2>&1)"; then
        printf 'ok      %-28s %ds\n' "$name" $((SECONDS - started))
    else
        printf 'FAILED  %s\n%s\n' "$name" "$output"
        failed+=("$name")
    fi
}

run "ruff format" $bin/ruff format --check .
run "ruff check" $bin/ruff check .
run "mypy --strict" $bin/mypy
run "pyright" $bin/pyright
run "import contracts" $bin/lint-imports --no-cache
run "declared dependencies" $bin/deptry src
spelling() { git ls-files -z --cached --others --exclude-standard | xargs -0 $bin/codespell; }
run "spelling" spelling
run "shell scripts parse" bash -n .ci/run scripts/*.sh
run "layout and lock files" $bin/python -m pytest -q -p no:cacheprovider tests/project/test_layout.py

[ ${#failed[@]} -eq 0 ] || { printf '\nfailed: %s\n' "${failed[*]}"; exit 1; }
