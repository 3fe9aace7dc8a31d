"""Schemathesis reads the server's own OpenAPI document and sends what it allows, and what it does not."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import running_server

CHECKS = "not_a_server_error,content_type_conformance,response_schema_conformance,unsupported_method"

pytestmark = [pytest.mark.verify, pytest.mark.slow]


def test_no_described_request_breaks_the_server(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        command = [str(Path(sys.executable).with_name("schemathesis")), "run", f"{server.url}/openapi.json"]
        options = {
            "header": f"Authorization: Bearer {server.api_key}",
            "checks": CHECKS,
            "phases": "examples,coverage,fuzzing",
            "mode": "all",
            "max-examples": "20",
            "seed": "20261121",
            "generation-database": "none",
            "suppress-health-check": "all",
            "warnings": "off",
        }
        done = subprocess.run(
            [*command, *(f"--{name}={value}" for name, value in options.items()), "--no-color"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    tested = re.search(r"Selected: (\d+)/\1", done.stdout)
    assert tested, done.stdout[-3000:]
    assert int(tested[1]) > 20
