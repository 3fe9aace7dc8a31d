"""Real servers for the tests: the application under uvicorn, in a thread, on a free port."""

import asyncio
import atexit
import contextlib
import datetime as dt
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx2

from vestibule.flow import Send
from vestibule.server.app import create_app
from vestibule.server.identity.api_keys import create_api_key
from vestibule.server.identity.context import Identity, utc_now
from vestibule.server.identity.environment import ensure_environment
from vestibule.server.identity.keys import ensure_signing_key
from vestibule.server.identity.seeding import seed as seed_data
from vestibule.server.serving import Server, bind, port_of, serve
from vestibule.server.settings import Settings
from vestibule.server.store.store import Store

SECRET = "only-the-tests-know-this-secret-of-theirs"


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers, and the identity behind it, for looking at what it did."""

    url: str
    client_id: str
    api_key: str = field(repr=False)
    identity: Identity = field(repr=False)

    def client(self, **options: Any) -> httpx2.Client:
        """With the API key; redirects are not followed."""
        headers = {"authorization": f"Bearer {self.api_key}"} | options.pop("headers", {})
        return httpx2.Client(base_url=self.url, headers=headers, timeout=20, **options)

    def browser(self, **options: Any) -> httpx2.Client:
        """With a cookie jar and nothing else; redirects are not followed."""
        headers = {"accept": "text/html", "sec-fetch-mode": "navigate"} | options.pop("headers", {})
        return httpx2.Client(base_url=self.url, headers=headers, timeout=20, **options)

    def authenticate(self, client: httpx2.Client, **grant: str) -> httpx2.Response:
        """The token endpoint, as a confidential client asks it."""
        body = {"client_id": self.client_id, "client_secret": self.api_key, **grant}
        return client.post("/user_management/authenticate", json=body)


@contextlib.contextmanager
def running_server(
    directory: Path,
    *,
    database: str | None = None,
    clock: Any = utc_now,
    seed: dict[str, Any] | None = None,
    watched: Callable[[Any], Any] = lambda app: app,
    ask_provider: Send | None = None,
    **settings: Any,
) -> Iterator[Running]:
    """`directory` holds the database unless one is named. `watched` wraps the app, to look at what passes.
    `settings` are fields of Settings."""
    sockets = bind("localhost", 0)
    url = f"http://localhost:{port_of(sockets)}"
    chosen = {"public_url": url, "secret": SECRET, "development": True} | settings
    path = directory / "vestibule.db"
    if database is None and not path.exists():
        shutil.copy(_migrated(), path)
    store = Store(database or f"sqlite:///{path}")
    store.migrate()
    identity = Identity(store, Settings(**chosen), clock, ask_provider=ask_provider)
    environment = ensure_environment(identity)
    ensure_signing_key(identity)
    if seed:
        seed_data(identity, seed)
    _, api_key = create_api_key(identity, "Tests")
    try:
        with _serving(watched(create_app(identity.settings, identity=identity)), sockets):
            yield Running(url, environment.client_id, api_key, identity)
    finally:
        store.close()


@cache
def _migrated() -> Path:
    """An empty database, made once: the way through all migrations takes a third of a second."""
    directory = Path(tempfile.mkdtemp(prefix="vestibule-tests-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    store = Store(f"sqlite:///{directory / 'empty.db'}")
    store.migrate()
    store.close()
    return directory / "empty.db"


@contextlib.contextmanager
def _serving(app: Any, sockets: list[Any]) -> Iterator[None]:
    ready = threading.Event()
    servers: list[Server] = []
    failures: list[BaseException] = []

    async def on_ready(server: Server) -> None:
        servers.append(server)
        ready.set()

    def run() -> None:
        try:
            asyncio.run(serve(app, sockets, on_ready=on_ready))
        except BaseException as error:
            failures.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=run, name="server", daemon=True)
    thread.start()
    ready.wait(timeout=30)
    try:
        if not servers:
            raise AssertionError(f"the server did not start: {failures}")
        yield
    finally:
        for server in servers:
            server.stop()
        thread.join(timeout=30)


def at(moment: str) -> dt.datetime:
    return dt.datetime.fromisoformat(moment)
