"""Everything between the command line and a listening server: settings, database, demo data."""

import json
import socket
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from vestibule.cli.state import DIRECTORY, State
from vestibule.errors import ConfigError
from vestibule.server.identity import api_keys, passwords, seeding, users
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import ensure_environment, update_environment
from vestibule.server.identity.errors import IdentityError
from vestibule.server.identity.keys import ensure_signing_key
from vestibule.server.identity.paging import Page
from vestibule.server.serving import bind, port_of
from vestibule.server.settings import Settings, is_loopback, named
from vestibule.server.store.store import Store

APP_URL: Final = "http://localhost:8000"
CALLBACK: Final = "/auth/callback"
CALLBACKS: Final = ("/auth/callback", "/callback", "/api/auth/callback")
DEMO_EMAIL: Final = "ada@example.com"


@dataclass(frozen=True, slots=True)
class Ready:
    """What a developer or a script needs to use the server. In production only address and client ID."""

    url: str
    client_id: str
    api_key: str | None = field(default=None, repr=False)
    cookie_password: str | None = field(default=None, repr=False)
    demo_user: dict[str, str] | None = field(default=None, repr=False)

    def line(self) -> str:
        values = {
            "url": self.url,
            "api_key": self.api_key,
            "client_id": self.client_id,
            "cookie_password": self.cookie_password,
            "demo_user": self.demo_user,
        }
        return json.dumps(values)


@dataclass(frozen=True, slots=True)
class Launch:
    identity: Identity
    sockets: list[socket.socket]
    ready: Ready


def is_development() -> bool:
    return not named(None, "public_url")


def prepare(
    *, host: str, port: int, database: str | None, seed: Path | None, app_url: str = APP_URL
) -> Launch:
    """The port is taken before the database is touched: a second server on it changes nothing."""
    data = read_seed(seed) if seed else {}
    if is_development():
        return _prepare_development(host=host, port=port, database=database, data=data, app_url=app_url)
    settings = Settings.from_env(given=_chosen(database))
    sockets = bind(host, port)
    identity = open_identity(settings)
    environment = ensure_environment(identity)
    if data:
        seeding.seed(identity, data)
    return Launch(identity, sockets, Ready(settings.public_url, environment.client_id))


def development_settings(state: State, *, database: str | None, url: str) -> Settings:
    fallback: dict[str, object] = {"secret": state.secret, "database": state.database}
    given = {"public_url": url, "development": True, **_chosen(database)}
    return Settings.from_env(given=given, fallback=fallback)


def current_settings(database: str | None) -> Settings:
    """For the commands that look at the database without serving it."""
    if is_development():
        return development_settings(State.open(), database=database, url="http://localhost")
    return Settings.from_env(given=_chosen(database))


def open_identity(settings: Settings) -> Identity:
    """The database, brought up to date, with an environment and a signing key in it."""
    store = Store(settings.database)
    store.migrate()
    identity = Identity(store=store, settings=settings)
    ensure_environment(identity)
    ensure_signing_key(identity)
    return identity


def read_seed(path: Path) -> dict[str, Any]:
    """JSON or TOML by the name of the file."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"Cannot read the seed file {path}: {error.strerror}") from None
    try:
        data = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except ValueError as error:
        raise ConfigError(f"The seed file {path} is not valid: {error}") from None
    if not isinstance(data, dict):
        raise ConfigError(f"The seed file {path} must hold one table or object")
    return data


def _prepare_development(
    *, host: str, port: int, database: str | None, data: dict[str, Any], app_url: str
) -> Launch:
    if not is_loopback(host):
        raise ConfigError(
            f"A development server shows every mail to everyone, so it never listens on {host}: "
            "set VESTIBULE_SERVER_PUBLIC_URL and VESTIBULE_SERVER_SECRET to serve others"
        )
    sockets = bind(host, port)
    state = State.open(DIRECTORY)
    url = f"http://{'[::1]' if ':' in host else host}:{port_of(sockets)}"
    identity = open_identity(development_settings(state, database=database, url=url))
    environment = ensure_environment(identity)
    update_environment(
        identity,
        app_homepage_url=app_url,
        sign_out_redirect=app_url,
        initiate_login_url=f"{app_url}/auth/sign-in",
    )
    seeding.seed(identity, demo_data(state))
    if data:
        seeding.seed(identity, data)
    _keep_demo_password(identity, state)
    ready = Ready(
        url=url,
        client_id=environment.client_id,
        api_key=_api_key(identity, state),
        cookie_password=state.cookie_password,
        demo_user={"email": DEMO_EMAIL, "password": state.demo_password},
    )
    return Launch(identity, sockets, ready)


def demo_data(state: State) -> dict[str, Any]:
    """Somebody to sign in as, who may do more in one organization than in the other."""
    return {
        "redirect_uris": [{"uri": f"http://localhost{path}"} for path in CALLBACKS],
        "roles": [
            {"slug": "admin", "name": "Admin", "permissions": ["reports:read", "reports:delete"]},
            {"slug": "member", "name": "Member", "permissions": ["reports:read"]},
        ],
        "organizations": [
            {"id": "org_01DEMO0ANALYTICALENGINES0", "name": "Analytical Engines"},
            {"id": "org_01DEMO0DIFFERENCEWORKS000", "name": "Difference Works"},
        ],
        "users": [
            {
                "email": DEMO_EMAIL,
                "password": state.demo_password,
                "email_verified": True,
                "first_name": "Ada",
                "last_name": "Lovelace",
            }
        ],
        "memberships": [
            {"email": DEMO_EMAIL, "organization_id": "org_01DEMO0ANALYTICALENGINES0", "role": "admin"},
            {"email": DEMO_EMAIL, "organization_id": "org_01DEMO0DIFFERENCEWORKS000", "role": "member"},
        ],
    }


def _keep_demo_password(identity: Identity, state: State) -> None:
    """The printed password is the one that works, whatever happened to the account since."""
    try:
        passwords.verify_password(identity, DEMO_EMAIL, state.demo_password)
    except IdentityError:
        found = users.list_users(identity, Page(), email=DEMO_EMAIL).data
        for user in found:
            users.update_user(identity, user.id, changes={"password": state.demo_password})


def _api_key(identity: Identity, state: State) -> str:
    database = identity.settings.database
    known = state.api_key(database)
    if known is not None and api_keys.find_api_key(identity, known) is not None:
        return known
    _, value = api_keys.create_api_key(identity, "Development")
    state.remember_api_key(database, value)
    return value


def _chosen(database: str | None) -> dict[str, object]:
    return {} if database is None else {"database": database}
