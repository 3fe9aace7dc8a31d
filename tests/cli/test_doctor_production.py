"""`vestibule doctor --production`: ok, not ok or unknown, and never a guess."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.doctoring import APP, OPEN, Setup, git
from tests.cli.projects import write
from tests.cli.running import vestibule


def production(directory: Path, setup: Setup, *arguments: str, **environ: str) -> dict[str, Any]:
    done = vestibule(directory, "doctor", "--production", "--json", *arguments, **setup.environment | environ)
    items = {line["id"]: line for line in json.loads(done.out)["production"]}
    assert list(items) == [f"PC-{number}" for number in range(1, 20)]
    assert all(line["mend"] for line in items.values() if line["status"] != "ok")
    return items


def test_the_production_checklist_never_guesses(tmp_path: Path, setup: Setup) -> None:
    """Of an empty directory next to nothing is known."""
    status = {name: line["status"] for name, line in production(tmp_path, setup).items()}
    fine = {
        "PC-3",
        "PC-4",
        "PC-5",
        "PC-11",
        "PC-13",
        "PC-15",
    }  # the server is Vestibule, and there is no code
    assert {name for name, each in status.items() if each == "ok"} == fine
    bad = {"PC-7", "PC-14", "PC-16", "PC-17"}  # http, and no test
    assert {name for name, each in status.items() if each == "not ok"} == bad


READY = {
    "main.py": APP,
    "page.html": "<p>{{ name }}</p>\n",
    "tests/test_app.py": "def test_it(): assert_guarded(app)\n",
    ".github/workflows/ci.yml": "steps:\n  - run: pip-audit\n",
    ".github/dependabot.yml": "version: 2\n",
    "requirements.txt": "fastapi==0.121.0\n",
}
RAW = '\n\n@app.post("/in")\nasync def take(session: CurrentSession, request: Request) -> None: ...\n'
HTTPS = {"VESTIBULE_REDIRECT_URI": "https://app.example.com/auth/callback"}


def test_what_can_be_known_of_a_project_that_is_ready_is_ok(tmp_path: Path, setup: Setup) -> None:
    write(tmp_path, READY)
    git(tmp_path, "init", "-q", ".")
    git(tmp_path, "add", ".")
    items = production(tmp_path, setup, "main:app", **HTTPS)
    unclear = {"PC-12", "PC-14", "PC-17", "PC-18", "PC-19"}
    assert {name: line["found"] for name, line in items.items() if line["status"] == "not ok"} == {}
    assert {name for name, line in items.items() if line["status"] == "unknown"} == unclear


@pytest.mark.parametrize(
    ("item", "file", "content"),
    [
        ("PC-1", "main.py", APP + OPEN),
        ("PC-4", "check.py", "def same(token, other):\n    return token == other\n"),
        ("PC-6", "page.html", "{{ comment|safe }}\n"),
        ("PC-9", ".github/workflows/ci.yml", "steps: []\n"),
        ("PC-10", "uv.lock", "not committed\n"),
        ("PC-16", "tests/test_app.py", "def test_nothing(): pass\n"),
    ],
)
def test_what_is_not_ready_is_not_ok(
    tmp_path: Path, setup: Setup, item: str, file: str, content: str
) -> None:
    write(tmp_path, READY)
    git(tmp_path, "init", "-q", ".")
    git(tmp_path, "add", ".")
    write(tmp_path, {file: content})
    line = production(tmp_path, setup, "main:app", **HTTPS)[item]
    assert line["status"] == "not ok", line


@pytest.mark.parametrize(
    ("item", "file", "content"),
    [
        ("PC-2", "main.py", f"from fastapi import Request\n{APP}{RAW}"),
        ("PC-3", "accounts.py", "def store(password): ...\n"),
        ("PC-4", "accounts.py", "def issue(): return make_token()\n"),
        ("PC-6", "pages.py", "def page(name): return f'<p>{name}</p>'\n"),
        ("PC-8", "app.js", "localStorage.setItem('theme', 'dark')\n"),
        ("PC-9", ".github/dependabot.yml", ""),
        ("PC-16", "tests/test_app.py", "def test_it(): assert client.get('/invoices').status_code == 401\n"),
    ],
)
def test_what_only_a_person_can_tell_is_unknown(
    tmp_path: Path, setup: Setup, item: str, file: str, content: str
) -> None:
    write(tmp_path, READY | {file: content})
    if not content:
        (tmp_path / file).unlink()
    line = production(tmp_path, setup, "main:app", **HTTPS)[item]
    assert line["status"] == "unknown", line
