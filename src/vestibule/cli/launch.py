"""Everything between the command line and a listening server: settings, port, database, seed."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from vestibule.cli import demo
from vestibule.cli.seed_files import Seed, read_seed
from vestibule.errors import ConfigError
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import ensure_environment
from vestibule.server.identity.keys import current_key, ensure_signing_key
from vestibule.server.identity.operators import new_setup_link
from vestibule.server.serving import bind, port_of
from vestibule.server.settings import Settings, is_loopback, named
from vestibule.server.state import State
from vestibule.server.store.store import Store

APP_URL: Final = "http://localhost:8000"


@dataclass(frozen=True, slots=True)
class Ready:
    """What a developer or a script needs to use the server. In production only address and client ID."""

    url: str
    client_id: str
    api_key: str | None = field(default=None, repr=False)
    cookie_password: str | None = field(default=None, repr=False)
    setup_url: str | None = field(default=None, repr=False)
    """Where the first operator of the dashboard is made, while there is none."""
    demo_user: dict[str, str] | None = field(default=None, repr=False)

    def line(self) -> str:
        values = {
            "url": self.url,
            "api_key": self.api_key,
            "client_id": self.client_id,
            "cookie_password": self.cookie_password,
            "demo_user": self.demo_user,
        }
        return json.dumps(values if self.setup_url is None else values | {"setup_url": self.setup_url})


@dataclass(frozen=True, slots=True)
class Launch:
    identity: Identity
    sockets: list[socket.socket]
    ready: Ready


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the command line asks for."""

    host: str
    port: int
    database: str | None = None
    seed: Path | None = None
    app_url: str = APP_URL


def is_development() -> bool:
    return not named(None, "public_url")


@contextmanager
def launched(wanted: Wanted) -> Iterator[Launch]:
    """The port is taken before the database is touched: a second server on it changes nothing."""
    file = read_seed(wanted.seed) if wanted.seed else None
    data = file.data if file else {}
    with ExitStack() as stack:
        prepare = _prepare_development if is_development() else _prepare
        launch = prepare(wanted, data, stack)
        current_key(launch.identity)  # another secret than the database was written under ends here
        if file:
            file.sow(launch.identity)
        yield launch


@contextmanager
def opened(database: str | None) -> Iterator[Identity]:
    """For the commands that look at the database without serving it."""
    settings = current_settings(database)
    with closing(Store(settings.database)) as store:
        yield prepared(store, settings)


def prepared(store: Store, settings: Settings, *, client_id: str | None = None) -> Identity:
    """The database, brought up to date, with an environment and a signing key in it.

    `client_id` is for an environment that is made now.
    """
    store.migrate()
    identity = Identity(store=store, settings=settings)
    ensure_environment(identity, client_id=client_id)
    ensure_signing_key(identity)
    return identity


def current_settings(database: str | None) -> Settings:
    """Those of the environment, or those of development where it names no public URL."""
    if is_development():
        return development_settings(State.open(), database=database, url="http://localhost")
    return Settings.from_env(given=_chosen(database))


def development_settings(state: State, *, database: str | None, url: str) -> Settings:
    fallback: dict[str, object] = {"secret": state.secret, "database": state.database}
    given = {"public_url": url, "development": True, **_chosen(database)}
    return Settings.from_env(given=given, fallback=fallback)


def _prepare(wanted: Wanted, data: Seed, stack: ExitStack) -> Launch:
    settings = Settings.from_env(given=_chosen(wanted.database))
    sockets = _listen(wanted, stack)
    store = stack.enter_context(closing(Store(settings.database)))
    identity = prepared(store, settings, client_id=_client_id(data))
    ready = Ready(
        settings.public_url,
        ensure_environment(identity).client_id,
        setup_url=new_setup_link(identity) if settings.dashboard else None,
    )
    return Launch(identity, sockets, ready)


def _prepare_development(wanted: Wanted, data: Seed, stack: ExitStack) -> Launch:
    host = wanted.host
    if not is_loopback(host):
        raise ConfigError(
            f"A development server shows every mail to everyone, so it never listens on {host}: "
            "set VESTIBULE_SERVER_PUBLIC_URL and VESTIBULE_SERVER_SECRET to serve others"
        )
    sockets = _listen(wanted, stack)
    state = State.open()
    url = f"http://{f'[{host}]' if ':' in host else host}:{port_of(sockets)}"
    settings = development_settings(state, database=wanted.database, url=url)
    store = stack.enter_context(closing(Store(settings.database)))
    identity = prepared(store, settings, client_id=_client_id(data))
    demo.sow(identity, state, app_url=wanted.app_url)
    ready = Ready(
        url=url,
        client_id=ensure_environment(identity).client_id,
        api_key=demo.api_key(identity, state),
        cookie_password=state.cookie_password,
        demo_user={"email": demo.EMAIL, "password": state.demo_password},
    )
    return Launch(identity, sockets, ready)


def _listen(wanted: Wanted, stack: ExitStack) -> list[socket.socket]:
    sockets = bind(wanted.host, wanted.port)
    for each in sockets:
        stack.enter_context(closing(each))
    return sockets


def _client_id(data: Seed) -> str | None:
    environment = data.get("environment")
    named_id = environment.get("client_id") if isinstance(environment, dict) else None
    return named_id if isinstance(named_id, str) else None


def _chosen(database: str | None) -> dict[str, object]:
    return {} if database is None else {"database": database}
