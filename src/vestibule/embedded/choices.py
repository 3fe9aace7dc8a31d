"""What the app's settings and the server's are when both are one program, and which the app need not give."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from vestibule.crypto.passwords import check_cookie_password
from vestibule.errors import ConfigError
from vestibule.server.settings import (
    HOW_TO_MAKE,
    PREFIX,
    EmbeddedSettings,
    environment_over,
    is_loopback,
    named,
)
from vestibule.server.state import DIRECTORY, State
from vestibule.session import checks
from vestibule.session.config import Config
from vestibule.session.dotenv import read_dotenv

PATH: Final = re.compile(r"(/[A-Za-z0-9._~-]+)+")
GIVEN_BY_THE_SERVER: Final = ("url", "client_id", "api_key", "issuer", "profile")
# Stands where nobody has set anything, and never leaves this module.
UNSET: Final = "nobody-has-set-this-secret-yet-0123456789"
DOTENV: Final = Path(".env")
PUBLIC_URL: Final = f"{PREFIX}PUBLIC_URL"


@dataclass(frozen=True, slots=True)
class Choices:
    """`config` still lacks what only the running server knows: its client ID and the app's key."""

    config: Config
    settings: EmbeddedSettings = field(repr=False)


def split(given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The server's settings, and the adapter's. No name is both."""
    known = {each.name for each in fields(EmbeddedSettings)}
    problems = [
        f"`{name}` is not for `Auth.embedded`: the server inside the app decides it. Leave it out."
        for name in (*GIVEN_BY_THE_SERVER, "config", "send")
        if name in given
    ]
    if problems:
        raise ConfigError(problems)
    ours = {name: value for name, value in given.items() if name in known}
    return ours, {name: value for name, value in given.items() if name not in known}


def choose(
    path: str,
    *,
    settings: Mapping[str, Any],
    redirect_uri: str | Callable[[], str] | None,
    defaults: Mapping[str, Any],
) -> Choices:
    """From the environment, the `.env` of the working directory and what the app gave. On loopback missing
    secrets are made and kept. Raises ConfigError, which lists every problem."""
    config, variables = _config(redirect_uri, defaults), environment_over(read_dotenv(DOTENV))
    public_url = config.origin + path
    at_home = is_loopback(_host(config.origin)) and is_loopback(
        _host(variables.get(PUBLIC_URL) or public_url)
    )
    fallback: dict[str, Any] = {"secret": UNSET, "public_url": public_url, "development": at_home, **settings}
    problems = list(_path_problems(path, config))
    if not at_home:
        problems += _missing(config, secret=named(variables, "secret") or "secret" in settings)
    try:
        server = EmbeddedSettings.from_env(variables, fallback=fallback)
    except ConfigError as error:
        raise ConfigError([*problems, *error.problems]) from None
    if server.origin != config.origin or not server.path.endswith(path):
        problems.append(
            f"{PUBLIC_URL} is {server.public_url}, but the app has the server inside at {public_url}. "
            f"`unset {PUBLIC_URL}`; under a path of the app's own it ends with {path} too."
        )
    if problems:
        raise ConfigError(problems)
    config, server = _with_kept_secrets(config, server)
    return Choices(replace(config, url=server.public_url), server)


def _config(redirect_uri: str | Callable[[], str] | None, defaults: Mapping[str, Any]) -> Config:
    """Whatever the environment says about another server is not about this one."""
    stand_in: dict[str, Any] = {"url": "http://localhost", "client_id": "embedded", "api_key": UNSET}
    stand_in["cookie_passwords"] = (UNSET,)
    config = Config.from_env(redirect_uri=redirect_uri, **{**stand_in, **defaults})
    return replace(config, url="http://localhost", api_key=UNSET, issuer=None, profile="vestibule")


def _path_problems(path: str, config: Config) -> list[str]:
    if PATH.fullmatch(path) is None:
        return [f"server_path is a path such as /id, not {path!r}."]
    own = {config.prefix: "the routes of `Auth`", config.callback_path: "the callback"}
    return [
        f"server_path {path} would take {taken} at {place}: give another, such as server_path='/id'."
        for place, taken in own.items()
        if f"{place}/".startswith(f"{path}/")
    ]


def _missing(config: Config, *, secret: bool) -> Iterator[str]:
    if not secret:
        yield f"{PREFIX}SECRET is not set: {HOW_TO_MAKE}"
    if config.cookie_passwords == (UNSET,):
        yield from checks.passwords(())


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # which the settings say better
        return ""


def _with_kept_secrets(config: Config, server: EmbeddedSettings) -> tuple[Config, EmbeddedSettings]:
    if server.secret != UNSET and config.cookie_passwords != (UNSET,):
        return config, server
    state = State.open(_directory(server.database))
    check_cookie_password(state.cookie_password)
    if server.secret == UNSET:
        server = replace(server, secret=state.secret)
    if config.cookie_passwords == (UNSET,):
        config = replace(config, cookie_passwords=(state.cookie_password,))
    return config, server


def _directory(database: str) -> Path:
    """Beside the file, where `vestibule` run there finds it too."""
    scheme, _, path = database.partition(":///")
    return Path(path.partition("?")[0]).parent / DIRECTORY if scheme.startswith("sqlite") else DIRECTORY
