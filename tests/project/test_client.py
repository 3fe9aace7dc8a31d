"""The browser client is what was built from `clients/js`, and expects what Python answers."""

import subprocess
from pathlib import Path

import pytest

from tests.project.client_types import PAGE, text
from tests.project.tree import ROOT
from vestibule.session.scripts import CLIENT

HOME = ROOT / "clients/js"
NODE = ROOT / ".venv/bin/node"


def test_the_client_expects_what_python_answers() -> None:
    assert PAGE.read_text("utf-8") == text(), "run `python -m tests.project.client_types`"


@pytest.mark.js
def test_the_module_that_apps_serve_is_the_one_built_from_the_source(tmp_path: Path) -> None:
    built = tmp_path / "client.js"
    options = ("--bundle", "--format=esm", "--target=es2022", "--minify", "--legal-comments=none")
    subprocess.run(
        [NODE, "node_modules/esbuild/bin/esbuild", "src/index.ts", *options, f"--outfile={built}"],
        cwd=HOME,
        check=True,
        capture_output=True,
    )
    assert CLIENT.read_text("utf-8") == built.read_text("utf-8"), "run `npm run bundle` in clients/js"
