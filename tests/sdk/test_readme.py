"""The examples of the README, run as they stand there, against a server; and the versions it names."""

import json
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.interop.peers import JS, node
from tests.project.tree import ROOT
from tests.sdk.node import PACKAGES
from tests.servers import Running, running_server

README = (ROOT / "README.md").read_text("utf-8")


def block(language: str) -> str:
    """The one about the official SDK."""
    (found,) = (
        text
        for text in re.findall(rf"(?ms)^```{language}\n(.*?)^```$", README)
        if "WorkOSClient" in text or "@workos-inc/node" in text
    )
    return str(found)


def run(command: list[str], text: str, server: Running, **more: object) -> str:
    place = {
        "VESTIBULE_URL": server.url,
        "VESTIBULE_API_KEY": server.api_key,
        "VESTIBULE_CLIENT_ID": server.client_id,
    }
    done = subprocess.run(  # type: ignore[call-overload]
        command, input=text, env=os.environ | place, capture_output=True, text=True, timeout=60, **more
    )
    assert done.returncode == 0, done.stderr
    return str(done.stdout).strip()


@pytest.mark.js
def test_the_examples_of_the_readme_run(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        url = run([sys.executable, "-"], block("python"), server)
        assert url.startswith(server.url)
        for package in PACKAGES.values():
            text = block("js").replace("@workos-inc/node", package)
            assert run([node(), "--input-type=module", "-"], text, server, cwd=JS) == "pending"


def test_the_readme_names_the_versions_that_are_tested() -> None:
    installed = {
        json.loads((JS / "node_modules" / each / "package.json").read_text("utf-8"))["version"]
        for each in PACKAGES.values()
    }
    named = re.search(r"`workos` (\S+) for Python, `@workos-inc/node` (\S+) and (\S+) for Node", README)
    assert named is not None
    assert (named[1], {named[2], named[3]}) == (version("workos"), installed)
