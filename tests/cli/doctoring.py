"""Looking over the doctor's shoulder: a real server behind a proxy, and what the report says of it."""

import contextlib
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from tests.cli.between import Proxy, proxy
from tests.cli.projects import write
from tests.cli.running import inside, vestibule
from tests.servers import Running, running_server
from tests.servers import _serving as serving_app
from vestibule.fastapi import Auth
from vestibule.server.serving import bind, port_of
from vestibule.session.config import Config

PASSWORD = "kZ3v9Qh1-for-these-tests-and-nothing-else"
SEED: dict[str, Any] = {
    "redirect_uris": [
        {"uri": "http://localhost/auth/callback"},
        {"uri": "https://app.example.com/auth/callback"},
    ]
}


@dataclass(frozen=True, slots=True)
class Setup:
    """A server behind a proxy that passes everything on, until a test spoils it."""

    server: Running
    between: Proxy

    @property
    def environment(self) -> dict[str, str]:
        return {
            "VESTIBULE_URL": self.between.url,
            "VESTIBULE_CLIENT_ID": self.server.client_id,
            "VESTIBULE_API_KEY": self.server.api_key,
            "VESTIBULE_COOKIE_PASSWORD": PASSWORD,
            "VESTIBULE_REDIRECT_URI": "http://localhost:8000/auth/callback",
        }


@contextlib.contextmanager
def setup_behind_a_proxy(directory: Path) -> Iterator[Setup]:
    with proxy() as between, running_server(directory, public_url=between.url, seed=SEED) as server:
        between.target = server.url
        yield Setup(server, between)


def examined(directory: Path, *arguments: str, code: int | None = None, **environ: str) -> dict[str, Any]:
    """Everything of the JSON report by id, and the exit code that fits it."""
    done = inside(directory, "doctor", "--json", *arguments, **environ)
    found = json.loads(done.out)
    assert done.code == (1 if found["counts"]["error"] else 0)
    assert code in (None, done.code)
    lines = {line["id"]: line for line in [*found["checks"], *found["production"]]}
    return {**found, "lines": lines}


def status_of(directory: Path, check: str, **environ: str) -> tuple[str, str, str]:
    line = examined(directory, **environ)["lines"][check]
    return line["status"], line["found"], line["mend"]


def git(directory: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=directory, check=True, capture_output=True)


APP = """\
from fastapi import FastAPI
from vestibule.fastapi import Auth, CurrentSession

app = FastAPI()
Auth(app)


@app.get("/invoices")
def invoices(session: CurrentSession) -> str:
    return session.user.email
"""
OPEN = '\n\n@app.get("/open")\ndef open_page() -> str:\n    return "anybody"\n'


def about_the_app(directory: Path, source: str, **environ: str) -> dict[str, Any]:
    """In a process of its own: the app is imported."""
    write(directory, {"main.py": source})
    done = vestibule(directory, "doctor", "main:app", "--json", **environ)
    return {line["id"]: line for line in json.loads(done.out)["checks"]}


@contextlib.contextmanager
def running_app(setup: Setup, **settings: Any) -> Iterator[Proxy]:
    """The app as people reach it: behind a proxy of its own."""
    with proxy() as front:
        names = ("url", "client_id", "api_key")
        given = {name: setup.environment[f"VESTIBULE_{name.upper()}"] for name in names}
        redirect_uri = f"{front.url}/auth/callback"
        config = Config(
            **{**given, "redirect_uri": redirect_uri, "cookie_passwords": (PASSWORD,), **settings}
        )
        app = FastAPI()
        Auth(app, config)
        sockets = bind("localhost", 0)
        front.target = f"http://localhost:{port_of(sockets)}"
        with serving_app(app, sockets):
            yield front


def about_the_url(directory: Path, setup: Setup, front: Proxy) -> dict[str, Any]:
    env = setup.environment | {"VESTIBULE_REDIRECT_URI": f"{front.url}/auth/callback"}
    lines: dict[str, Any] = examined(directory, "--url", front.url, **env)["lines"]
    return lines
