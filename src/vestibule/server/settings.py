"""The server's settings: one frozen value, and the only place that reads the server's environment.

Every field is the environment variable `VESTIBULE_SERVER_` + its name in capitals. All problems are
reported at once, each with what mends it.
"""

import difflib
import os
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import TYPE_CHECKING, ClassVar, Literal, Self
from urllib.parse import urlsplit

from vestibule.errors import ConfigError
from vestibule.server.setting_problems import HOW_TO_MAKE, PREFIX, is_loopback, problems_of

if TYPE_CHECKING:
    from vestibule.oauth import Client

__all__ = [
    "HOW_TO_MAKE",
    "PREFIX",
    "EmbeddedSettings",
    "Settings",
    "environment_over",
    "is_loopback",
    "named",
]

NOTHING: Mapping[str, object] = {}
THIRTY_DAYS = 30 * 24 * 60 * 60
TRUE_WORDS = ("1", "true", "yes", "on")
FALSE_WORDS = ("0", "false", "no", "off")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one server process is told. Equal settings on every process make them one server."""

    is_embedded: ClassVar[bool] = False

    public_url: str
    """The origin people and apps reach the server at, which is also the issuer of its tokens."""
    secret: str = field(repr=False)
    """At least 32 characters; seals what the database must keep but never show."""
    database: str = field(default="sqlite:///vestibule.db", repr=False)
    environment: Literal["staging", "production"] = "staging"
    development: bool = False
    """The development inbox is open and nothing is sent: for loopback only."""
    smtp_url: str | None = field(default=None, repr=False)
    """`smtp://user:password@host:587` (STARTTLS) or `smtps://…:465`."""
    mail_from: str = "Vestibule <no-reply@localhost>"
    mail_templates: str | None = None
    """A directory with templates of your own, which come before ours; see the how-to about mail."""
    page_templates: str | None = None
    """The same for pages; see the how-to about branding."""
    branding: str | None = None
    """A TOML file that says how the pages look, and wins over what the dashboard says."""
    locale: str = "en"
    """What pages and mails are written in for those who say nothing else."""
    access_token_seconds: int = 300
    session_seconds: int = THIRTY_DAYS
    """How long a session lives in all, however often it is refreshed."""
    session_idle_seconds: int = THIRTY_DAYS
    """How long a session lives that nobody refreshes."""
    browser_session_seconds: int = THIRTY_DAYS
    code_seconds: int = 600
    verification_seconds: int = 600
    password_reset_seconds: int = 900
    replay_window_seconds: int = 30
    """How long a used refresh token still brings its successor."""
    sign_up: bool = True
    """Whether strangers may make accounts here; without, by invitation, by the API and by import only."""
    account_page: bool = True
    """Whether people find what is theirs at `/account`: profile, security, sessions, their data."""
    organization_creation: bool = True
    """Whether they may make organizations there, which they then lead."""
    places_database: str | None = None
    """A file in MaxMind's format, by which sessions say where they are from."""
    password_min_length: int = 8
    breach_lookup_url: str | None = None
    """Where to ask, by the first five characters of a hash, whether a new password is in a published leak."""
    passkey_domain: str | None = None
    """The domain passkeys are made for: that of `public_url`, or one above it. Changing it voids them all."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks whose `X-Forwarded-For` is believed."""
    operators: tuple[str, ...] = ()
    """E-mail addresses of those who may impersonate; empty means whoever an API key names."""
    dashboard: bool = True
    """Whether operators may see and change things in a browser, at `/dashboard`."""
    providers: "tuple[Client, ...]" = field(default=(), repr=False)
    """Where people may sign in besides, such as `github(…)`; in the environment their names, and the
    credentials as direct mode has them."""
    webhook_networks: tuple[str, ...] = ()
    """Private networks that webhooks may reach all the same."""
    redis_url: str | None = field(default=None, repr=False)
    """Where general limits are counted for all processes; without, each counts for itself."""
    requests_per_minute: int = 6_000
    """Of one API key. Like the next three: 0 is no limit, and in development there is none."""
    user_management_reads: int = 1_000
    """In ten seconds, by one API key."""
    user_management_writes: int = 500
    organization_deletions: int = 50
    """In a minute, by one API key."""
    metrics_token: str | None = field(default=None, repr=False)
    """Who asks for `/metrics` must send it; without, only this machine may ask."""
    telemetry: bool = False
    """OpenTelemetry traces, sent where the `OTEL_` variables say."""

    def __post_init__(self) -> None:
        problems = problems_of(self)
        if problems:
            raise ConfigError(problems)

    @classmethod
    def from_env(
        cls,
        environ: Mapping[str, str] | None = None,
        *,
        given: Mapping[str, object] = NOTHING,
        fallback: Mapping[str, object] = NOTHING,
    ) -> Self:
        """Read `VESTIBULE_SERVER_*`: `given` wins over it, and it wins over `fallback`.

        An empty variable counts as unset.
        """
        environ = os.environ if environ is None else environ
        given = {
            **{name: value for name, value in fallback.items() if not named(environ, name)},
            **given,
        }
        known = {PREFIX + f.name.upper(): f for f in fields(cls)}
        problems = [*_unknown(environ, known), *_missing(environ, known, given)]
        values: dict[str, object] = {}
        for variable, setting in known.items():
            text = environ.get(variable, "").strip()
            if not text or setting.name in given:
                continue
            try:
                values[setting.name] = _parse(setting, text, environ)
            except ConfigError as error:
                problems += error.problems
            except ValueError as error:
                problems.append(f"{variable} {error}")
        if problems:
            raise ConfigError([*problems, *_problems_of(cls, {**values, **given})])
        return cls(**{**values, **given})  # type: ignore[arg-type]

    @property
    def secure(self) -> bool:
        """Whether browsers reach the server over https, and cookies may say so."""
        return self.public_url.startswith("https://")

    @property
    def origin(self) -> str:
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def path(self) -> str:
        """What the app has mounted this server under; '' at the root of a host."""
        return urlsplit(self.public_url).path

    def link(self, path: str) -> str:
        """The address of a page of ours, for a page to show. Redirects name the `path` alone: whoever mounts
        the server puts its own in front of them."""
        return self.path + path


class EmbeddedSettings(Settings):
    """Of a server inside an app: its public address has a path."""

    is_embedded: ClassVar[bool] = True


def environment_over(file: Mapping[str, str]) -> Mapping[str, str]:
    """The environment, and for what it does not say the variables of a file."""
    return {**file, **{name: text for name, text in os.environ.items() if text.strip()}}


def named(environ: Mapping[str, str] | None, name: str) -> bool:
    """Whether the environment says anything about this setting."""
    environ = os.environ if environ is None else environ
    return bool(environ.get(PREFIX + name.upper(), "").strip())


def _unknown(environ: Mapping[str, str], known: Mapping[str, object]) -> list[str]:
    problems = []
    for variable in environ:
        if variable.startswith(PREFIX) and variable not in known:
            near = difflib.get_close_matches(variable, known, n=1)
            problems.append(f"{variable} is not a setting" + (f"; did you mean {near[0]}?" if near else ""))
    return problems


def _missing(
    environ: Mapping[str, str], known: Mapping[str, "Field[object]"], given: Mapping[str, object]
) -> list[str]:
    advice = {"secret": HOW_TO_MAKE, "public_url": "set it to the address people reach the server at"}
    return [
        f"{variable} is not set: {advice[setting.name]}"
        for variable, setting in known.items()
        if setting.default is MISSING and setting.name not in given and not environ.get(variable, "").strip()
    ]


def _parse(setting: "Field[object]", text: str, environ: Mapping[str, str]) -> object:
    if setting.name == "providers":
        return _providers(text, environ)
    if isinstance(setting.default, bool):
        return _switch(text)
    if isinstance(setting.default, int):
        if not text.isascii() or not text.isdigit():
            raise ValueError(f"must be a whole number, not {text!r}")
        return int(text)
    if isinstance(setting.default, tuple):
        return tuple(text.replace(",", " ").split())
    return text


def _providers(text: str, environ: Mapping[str, str]) -> "tuple[Client, ...]":
    """Raises ConfigError for a name that is unknown, and for what is missing."""
    from vestibule.oauth import Upstream, from_environment

    clients, problems = [], list[str]()
    for name in text.replace(",", " ").split():
        try:
            client = from_environment(name, environ)
            Upstream(client)  # whatever is missing is said now, not to the first visitor
        except ConfigError as error:
            problems += error.problems
            continue
        if client.template.response_mode == "form_post":
            problems.append(
                f"{client.template.name} comes back by a form, which the server does not take yet."
            )
        clients.append(client)
    if problems:
        raise ConfigError(problems)
    return tuple(clients)


def _switch(text: str) -> bool:
    if text.lower() in TRUE_WORDS:
        return True
    if text.lower() in FALSE_WORDS:
        return False
    raise ValueError(f"must be true or false, not {text!r}")


def _problems_of(kind: type[Settings], values: Mapping[str, object]) -> list[str]:
    """What else is wrong beside the values that could not be read, so that one run shows it all."""
    filler = {
        "public_url": "http://localhost" + ("/id" if kind.is_embedded else ""),
        "secret": "0123456789abcdef0123456789abcdef",
    }
    try:
        kind(**(filler | dict(values)))  # type: ignore[arg-type]
    except ConfigError as error:
        return list(error.problems)
    return []
