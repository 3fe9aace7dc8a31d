#!/usr/bin/env bash
# Builds the wheel from the source distribution, installs it in an empty environment far from the checkout,
# and signs in against the server it brings: proof that templates, style sheets, mails and migrations are inside.
set -euo pipefail
cd "$(dirname "$0")/.."
checkout="$PWD"
python="$checkout/.venv/bin/python"
place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
. scripts/phase.sh

phase "Build"
"$python" -m build --no-isolation --outdir "$place/dist" . >"$place/build.log" 2>&1 || { tail -n 30 "$place/build.log"; exit 1; }
wheel="$(echo "$place"/dist/*.whl)"
echo "$(basename "$wheel"): $(du -k "$wheel" | cut -f1) kB, $("$python" -m zipfile -l "$wheel" | tail -n +2 | wc -l) files"

phase "Install into an empty environment"
"$python" -m venv "$place/env"
# The versions are the pinned ones; which packages come along is for the wheel to say.
sed -n 's/^\([a-zA-Z0-9][^\\]*==[^\\]*[^\\ ]\) *\\$/\1/p' requirements/dev.txt > "$place/constraints.txt"
"$place/env/bin/python" -m pip install -qq --disable-pip-version-check --constraint "$place/constraints.txt" \
    "${wheel}[server,fastapi]"

phase "Serve and sign in"
mkdir "$place/app"
cp scripts/wheel_check.py "$place/app/"
(cd "$place/app" && env -u PYTHONPATH PATH="$place/env/bin:$PATH" "$place/env/bin/python" -I wheel_check.py "$checkout")

phase "The wheel works"
