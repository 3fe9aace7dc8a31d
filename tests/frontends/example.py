"""One example as its reader runs it: its packages, its production build, Node and Python, on free ports."""

import fcntl
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from tests.frontends.pages import Pages
from tests.frontends.people import SEED
from tests.servers import Running, running_server
from vestibule.cli.commands_dev import child_environment
from vestibule.cli.launch import Ready
from vestibule.server.identity.environment import update_environment

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
CACHE = ROOT / ".cache" / "frontends"
COOKIE_PASSWORD = "one password for both sides of a test, long enough"
LEFT_OUT = {
    "routeTree.gen.ts",
    "node_modules",
    "dist",
    "build",
    ".next",
    ".react-router",
    ".tanstack",
    "__pycache__",
    ".vestibule",
}
STARTING_SECONDS = 60
STOPPING_SECONDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """The commands as the example's own Makefile has them. `{app_port}`, `{api_port}`, `{app}`, `{api}`,
    `{server}` and `{client_id}` are filled in, in commands and environments."""

    name: str
    client: str
    """The official package that docs/compatibility.md speaks of."""
    back_end: str
    """What Python has there: FastAPI, Django, …"""
    build: tuple[str, ...] = ()
    """For Node, in the example's directory."""
    front: tuple[str, ...] = ()
    """For Node as well. Without one, Python serves the pages at `{app_port}`."""
    back: tuple[str, ...] = ()
    """A program of the environment and its arguments."""
    environment: Mapping[str, str] = field(default_factory=dict)
    build_environment: Mapping[str, str] = field(default_factory=dict)
    """What the build fixes: it is built again when that changes."""
    pages: Pages = field(default_factory=Pages)
    seconds: int = 300
    """An access token lives."""
    host: str = "localhost"
    """Of the app, for the browser."""

    @property
    def directory(self) -> Path:
        return ROOT / "examples" / self.name


class Outage:
    """Stands before the server's token endpoint."""

    def __init__(self) -> None:
        self.is_on = False

    def watched(self, app: Any) -> Any:
        async def asked(scope: Any, receive: Any, send: Any) -> None:
            if self.is_on and scope.get("path") == "/user_management/authenticate":
                await send({"type": "http.response.start", "status": 503, "headers": []})
                await send({"type": "http.response.body", "body": b"{}"})
            else:
                await app(scope, receive, send)

        return asked


@dataclass(frozen=True, slots=True)
class World:
    """Everything one example needs, running."""

    example: Example
    running: Running
    outage: Outage
    app: str
    api: str
    logs: tuple[Path, ...]

    @property
    def server(self) -> str:
        return self.running.url

    @property
    def pages(self) -> Pages:
        return self.example.pages

    def refreshes(self) -> int:
        """Refresh grants that the server answered so far, as its metrics count them."""
        counts = self.running.identity.tally.counts("vestibule_grants")
        return sum(number for labels, number in counts.items() if labels[0] == "refresh_token")

    def log(self) -> str:
        return "\n".join(f"{path.name}:\n{path.read_text('utf-8')}" for path in self.logs if path.exists())


@contextmanager
def running_example(example: Example, directory: Path, **settings: Any) -> Iterator[World]:
    """`settings` are fields of the server's Settings."""
    if (example.directory / "package.json").exists():
        subprocess.run([ROOT / "scripts" / "deps.sh", f"examples/{example.name}"], check=True)
    app_port, api_port = _remembered_port(example), _free_port()
    outage = Outage()
    chosen = {"access_token_seconds": example.seconds, "watched": outage.watched} | settings
    with ExitStack() as stack:
        server = stack.enter_context(running_server(directory, seed=SEED, **chosen))
        app, api = f"http://{example.host}:{app_port}", f"http://localhost:{api_port}"
        update_environment(
            server.identity,
            app_homepage_url=app,
            sign_out_redirect=app + "/",
            initiate_login_url=app + example.pages.initiate,
        )
        fill = {"app_port": app_port, "api_port": api_port, "app": app, "api": api, "server": server.url}
        fill["client_id"] = server.client_id
        build(example, fill)
        environ = _environment(example, server, fill)
        commands = {
            "python": [str(BIN / part) if at == 0 else part for at, part in enumerate(example.back)],
            "node": [str(BIN / "node"), *example.front] if example.front else [],
        }
        logs = {name: directory / f"{name}.log" for name, command in commands.items() if command}
        world = World(example, server, outage, app, api, tuple(logs.values()))
        for name, log in logs.items():
            argv = [part.format_map(fill) for part in commands[name]]
            process = stack.enter_context(_process(argv, example.directory, environ, log))
            serves_pages = name == "node" or not example.front
            _wait_for(
                f"http://localhost:{app_port}/" if serves_pages else api + example.pages.me, process, world
            )
        yield world


def build(example: Example, fill: Mapping[str, object]) -> None:
    """Unless what is there was made of the same sources and the same environment."""
    if not example.build:
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{example.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        fixed = {name: value.format_map(fill) for name, value in example.build_environment.items()}
        stamp = CACHE / f"{example.name}-{_digest(example, fixed)}.built"
        if stamp.exists():
            return
        for old in CACHE.glob(f"{example.name}-*.built"):
            old.unlink()
        argv = [BIN / "node", *example.build]
        done = subprocess.run(
            argv, cwd=example.directory, env=_surroundings() | fixed, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        stamp.touch()


def _digest(example: Example, fixed: Mapping[str, str]) -> str:
    found = hashlib.sha256(repr((example.build, sorted(fixed.items()))).encode())
    for path in sorted(example.directory.rglob("*")):
        if path.is_file() and not LEFT_OUT.intersection(path.relative_to(example.directory).parts):
            found.update(str(path.relative_to(example.directory)).encode() + b"\0" + path.read_bytes())
    for path in sorted((ROOT / "clients" / "js" / "src").rglob("*")):
        if path.is_file():
            found.update(path.read_bytes())
    return found.hexdigest()[:16]


def _environment(example: Example, server: Running, fill: Mapping[str, object]) -> dict[str, str]:
    """What `vestibule dev` gives to the command behind its `--`."""
    ready = Ready(server.url, server.client_id, server.api_key, COOKIE_PASSWORD)
    given = child_environment(_surroundings(), ready, app_url=str(fill["app"]))
    own = {"APP_PORT": "{app_port}", "API_PORT": "{api_port}", "API_URL": "{api}", **example.environment}
    given |= {name: value.format_map(fill) for name, value in own.items()}
    return given | {"NODE_ENV": "production", "HOST": "localhost", "PORT": str(fill["app_port"])}


def _surroundings() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
    path = f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return kept | {"PATH": path, "PYTHONUNBUFFERED": "1", "NEXT_TELEMETRY_DISABLED": "1", "CI": "1"}


@contextmanager
def _process(
    argv: list[str], directory: Path, environ: Mapping[str, str], log: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """In a group of its own: what it starts ends with it."""
    with log.open("w") as out:
        process = subprocess.Popen(
            argv, cwd=directory, env=environ, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):  # it ended by itself
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=STOPPING_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_for(url: str, process: "subprocess.Popen[bytes]", world: World) -> None:
    until = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx2.get(url, timeout=5).status_code < 500:
                return
        except httpx2.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"{url} did not answer:\n{world.log()}")


def _remembered_port(example: Example) -> int:
    """The one of the last run, if nobody has it now: some builds have the app's address in them."""
    CACHE.mkdir(parents=True, exist_ok=True)
    memory = CACHE / f"{example.name}.port"
    known = int(memory.read_text() or 0) if memory.exists() else 0
    try:
        port = _free_port(0 if known and _is_taken(known) else known)
    except OSError:
        port = _free_port()
    memory.write_text(str(port))
    return port


def _is_taken(port: int) -> bool:
    """By another run of the same example: Node listens at the other address that `localhost` has."""
    with suppress(OSError), socket.create_connection(("localhost", port), timeout=1):
        return True
    return False


def _free_port(wanted: int = 0) -> int:
    with socket.socket() as found:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(("127.0.0.1", wanted))
        return int(found.getsockname()[1])
