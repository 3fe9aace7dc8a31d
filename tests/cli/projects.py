"""Small projects as people have them, and what `vestibule init` made of one, used as its owner would."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx2

from tests.cli.running import environment

FASTAPI = '''\
"""Invoices."""

from fastapi import FastAPI

app = FastAPI(title="Invoices")


@app.get("/")
def home() -> dict[str, str]:
    return {"here": "invoices"}
'''
FLASK = """\
from flask import Flask

app = Flask(__name__)

@app.route("/")
def home():
    return {"here": "invoices"}
"""
STARLETTE = """\
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def home(request: Request) -> JSONResponse:
    return JSONResponse({"here": "invoices"})


app = Starlette(
    routes=[
        Route("/", home),
    ],
)
"""
LITESTAR = """\
from litestar import Litestar, get


@get("/")
async def home() -> dict[str, str]:
    return {"here": "invoices"}


app = Litestar(
    route_handlers=[home],
)
"""
DJANGO_SETTINGS = '''\
"""Settings of the project."""

SECRET_KEY = "django-insecure-only-for-this-test"
ALLOWED_HOSTS = ["localhost", "testserver"]
INSTALLED_APPS = []
MIDDLEWARE = [
    "django.middleware.common.CommonMiddleware",
]
ROOT_URLCONF = "shop.urls"
'''
DJANGO_URLS = """\
from django.http import JsonResponse
from django.urls import path


def home(request):
    return JsonResponse({"here": "invoices"})


urlpatterns = [
    path("", home),
]
"""
MANAGE = """\
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
"""
DJANGO = {
    "manage.py": MANAGE,
    "shop/__init__.py": "",
    "shop/settings.py": DJANGO_SETTINGS,
    "shop/urls.py": DJANGO_URLS,
    "requirements.txt": "django\n",
}
EXISTING: Mapping[str, Mapping[str, str]] = {
    "fastapi": {"main.py": FASTAPI, "requirements.txt": "fastapi\nuvicorn\n"},
    "flask": {"main.py": FLASK, "requirements.txt": "flask==3.1.0\n"},
    "starlette": {"main.py": STARLETTE, "requirements.txt": "starlette\nuvicorn\n"},
    "litestar": {"main.py": LITESTAR, "requirements.txt": "litestar\nuvicorn\n"},
    "django": DJANGO,
}


def write(directory: Path, files: Mapping[str, str]) -> None:
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode())


def contents(directory: Path) -> dict[str, bytes]:
    """Every file but git's own and what running left behind."""
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file() and not {".git", "__pycache__", ".pytest_cache"} & set(path.parts)
    }


def bare_environment() -> dict[str, str]:
    """The virtual environment's programs, and no path to this checkout."""
    programs = Path(sys.executable).parent
    kept = {name: value for name, value in environment().items() if name != "PYTHONPATH"}
    return kept | {"PATH": f"{programs}{os.pathsep}{kept.get('PATH', '')}", "PYTHONDONTWRITEBYTECODE": "1"}


def run_its_tests(directory: Path) -> str:
    """The project's own tests, as its owner runs them; what they printed."""
    done = subprocess.run(
        ["pytest", "-q", "-p", "no:cacheprovider"],
        cwd=directory,
        env=bare_environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextlib.contextmanager
def started(directory: Path, command: str, *, url: str) -> Iterator[httpx2.Client]:
    """The command that `init` printed, and a browser on the app."""
    line = command.replace("vestibule dev", "vestibule dev --port 0").removeprefix("uv run ")
    with (
        (directory.parent / "dev.log").open("w") as log,
        subprocess.Popen(
            line.split(), cwd=directory, env=bare_environment(), stdout=log, stderr=subprocess.STDOUT
        ) as process,
        httpx2.Client(base_url=url, headers={"sec-fetch-mode": "navigate"}, timeout=20) as client,
    ):
        try:
            _wait_until_it_answers(client, process, directory.parent / "dev.log")
            yield client
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def _wait_until_it_answers(client: httpx2.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + 60
    while time.monotonic() < ends and process.poll() is None:
        with contextlib.suppress(httpx2.TransportError):
            client.get("/")
            return
        time.sleep(0.1)
    raise AssertionError(log.read_text())
