"""Schemathesis reads the server's own OpenAPI document and sends what it allows, and what it does not."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance.samples import SAMPLED, name, sample_of
from tests.conformance.world import World
from tests.servers import Running, running_server
from vestibule.server.api.routes import OPERATIONS

CHECKS = "not_a_server_error,content_type_conformance,response_schema_conformance,unsupported_method"
OPTIONS = {
    "checks": CHECKS,
    "phases": "examples,coverage,fuzzing",
    "mode": "all",
    "max-examples": "20",
    "seed": "20261121",
    "generation-database": "none",
    "suppress-health-check": "all",
    "warnings": "off",
}

pytestmark = [pytest.mark.verify, pytest.mark.slow]


def test_no_described_request_breaks_the_server(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        ids = tmp_path / "ids.json"
        ids.write_text(json.dumps(real_ids(server)), "utf-8")
        command = [str(Path(sys.executable).with_name("schemathesis")), "run", f"{server.url}/openapi.json"]
        options = OPTIONS | {"header": f"Authorization: Bearer {server.api_key}"}
        hooks = {"SCHEMATHESIS_HOOKS": "tests.verify.real_ids", "REAL_IDS": str(ids)}
        done = subprocess.run(
            [*command, *(f"--{name}={value}" for name, value in options.items()), "--no-color"],
            cwd=Path(__file__).parents[2],
            env=os.environ | hooks | {"PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    tested = re.search(r"Selected: (\d+)/\1", done.stdout)
    assert tested, done.stdout[-3000:]
    assert int(tested[1]) == len(OPERATIONS)


def real_ids(server: Running) -> dict[str, list[str]]:
    """For every operation with path parameters, one set that exists."""
    with server.client() as api:
        world = World(server, api)
        api.put("/environments/current", json={"initiate_login_url": "https://app.example.com/sign-in"})
        with_ids = [operation for operation in SAMPLED if "{" in operation.path]
        return {name(operation): list(sample_of(operation, world).path) for operation in with_ids}
