"""The plugin as pytest finds it: installed with the package, idle unless asked, able to run in parallel."""

import subprocess
import sys
from pathlib import Path

from tests.project.test_imports import loaded_by
from tests.testing.running import run

SUITE = """
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from vestibule.starlette import Auth

app = Starlette()
Auth(app)

@pytest.mark.parametrize("number", range(2))
def test_whole(identity_server, auth_lab, auth_clock, number):
    client = TestClient(app, follow_redirects=False)
    server = identity_server()
    server.person(f"user{number}@example.com").sign_in(client)
    assert client.get("/auth/session").json()["session"]["user"]["email"] == f"user{number}@example.com"
    assert auth_clock is auth_lab.clock
    assert len(auth_lab.mails) == 1
"""
WITHOUT_SERVER = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("sqlalchemy", "jinja2", "msgspec"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
from vestibule.testing import identity_server
identity_server()
"""


def test_it_costs_a_start_without_it_next_to_nothing() -> None:
    loaded = loaded_by("import pytest, vestibule.testing.plugin")
    assert {name for name in loaded if name.startswith("vestibule")} == {
        "vestibule",
        "vestibule.testing",
        "vestibule.testing.plugin",
    }
    assert loaded.isdisjoint({"cryptography", "httpx2", "starlette"})


def test_it_runs_in_parallel(tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text(SUITE)
    assert "2 passed" in run(tmp_path, "-n", "2")


def test_it_can_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text(SUITE)
    assert "fixture 'identity_server' not found" in run(tmp_path, "-p", "no:vestibule", "-p", "no:xdist")


def test_without_the_server_the_extra_is_named() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_SERVER], capture_output=True, text=True, check=False)
    assert "NotInstalled: The identity server in a test needs " in done.stderr
    assert "`pip install 'vestibule[server]'`" in done.stderr
