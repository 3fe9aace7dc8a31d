#!/usr/bin/env bash
# Installs the Debian packages named, if the programs they bring are missing. No service is started:
# the tests start their own servers on free ports.
set -euo pipefail

present() {
    case "$1" in
        chromium) [ -x /usr/bin/chromium ] ;;
        postgresql) compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || command -v postgres >/dev/null ;;
        redis-server) command -v redis-server >/dev/null || command -v valkey-server >/dev/null ;;
        nginx-light) command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] ;;
        caddy | curl | openssl) command -v "$1" >/dev/null ;;
        *) dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'install ok installed' ;;
    esac
}

missing=()
for package in "$@"; do present "$package" || missing+=("$package"); done
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "These system packages are missing: ${missing[*]}" >&2
    echo "On Debian or Ubuntu: sudo apt-get install ${missing[*]}" >&2
    exit 1
fi

policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' > "$policy" && chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
fi
printf -- '--> installing system packages: %s\n' "${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
log="$(mktemp)"
apt=(apt-get -qq -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3)
if ! { "${apt[@]}" update && "${apt[@]}" install --yes --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    exit 1
fi
rm -f "$log"
