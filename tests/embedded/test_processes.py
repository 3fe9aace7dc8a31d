"""Processes with the server inside: forked, begun at the same moment, ended, and without the extra."""

import subprocess
import sys
from pathlib import Path

import httpx2

from tests.embedded.people import me, sign_up
from tests.embedded.real import browser

ROOT = Path(__file__).parents[2]
ADA = "ada@example.com"

AN_APP = """
from flask import Flask
from vestibule.flask import Auth
app = Flask(__name__)
auth = Auth.embedded(app, database="sqlite:///auth.db", redirect_uri="http://localhost:8000/callback")
"""
WITHOUT = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "sqlalchemy":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
"""


def run(code: str, directory: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=60, check=False)


def test_forked_workers_share_one_database_and_every_session(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.embedded.prefork", str(tmp_path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        with browser(f"http://localhost:{int(program.stdout.readline())}") as client:
            assert sign_up(client, ADA).text == "home"
            answered_by: set[str] = set()
            for _ in range(200):
                assert me(client).json()["email"] == ADA
                answered_by.add(_pid(client))
                if len(answered_by) == 2:
                    break
        program.stdin.close()
        assert program.stdout.readline() == "done\n"
    assert program.returncode == 0
    assert len(answered_by) == 2


def _pid(client: httpx2.Client) -> str:
    return client.get("/pid", headers={"connection": "close"}).text


def test_processes_that_begin_together_make_one_set_of_secrets(tmp_path: Path) -> None:
    show = AN_APP + "print(auth.config.client_id, auth.config.api_key, auth.config.cookie_passwords[0])"
    command = [sys.executable, "-W", "error", "-c", show]
    started = [subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    printed = {each.communicate(timeout=60)[0] for each in started}
    assert [each.returncode for each in started] == [0] * 4
    assert len(printed) == 1
    assert len(printed.pop().split()) == 3


def test_a_program_ends_when_it_is_done_and_says_only_how_to_be_its_first_operator(tmp_path: Path) -> None:
    done = run(AN_APP + "assert app.test_client().get('/id/healthz').status_code == 200", tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    said, link = done.stderr.splitlines()
    assert said.startswith("The dashboard has no operator yet.")
    assert link.startswith("http://localhost:8000/id/dashboard/setup?token=")


def test_a_program_that_never_asks_opens_nothing(tmp_path: Path) -> None:
    done = run(AN_APP, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == []


def test_the_missing_extra_is_named(tmp_path: Path) -> None:
    done = run(WITHOUT + AN_APP, tmp_path)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert (
        "NotInstalled: The server inside the app needs sqlalchemy: `pip install 'vestibule[server]'`." in last
    )


def test_an_app_without_it_loads_nothing_of_the_server(tmp_path: Path) -> None:
    done = run(
        "import sys, vestibule.flask\n"
        "assert not any(name.startswith(('vestibule.server', 'vestibule.embedded', 'sqlalchemy')) "
        "for name in sys.modules)",
        tmp_path,
    )
    assert (done.returncode, done.stderr) == (0, "")
