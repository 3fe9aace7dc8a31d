"""The server's settings: one frozen value, and the only place that reads the server's environment.

Every field is the environment variable `VESTIBULE_SERVER_` + its name in capitals. All problems are
reported at once, each with what mends it.
"""

import difflib
import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import ClassVar, Literal, Self
from urllib.parse import urlsplit

from vestibule.errors import ConfigError
from vestibule.server.languages import available, find_language

PREFIX = "VESTIBULE_SERVER_"
HOW_TO_MAKE = "make one with `vestibule keygen`"
LOOPBACK_NAMES = ("localhost", "localhost.localdomain")
NOTHING: Mapping[str, object] = {}
THIRTY_DAYS = 30 * 24 * 60 * 60
LIMITS = ("requests_per_minute", "user_management_reads", "user_management_writes", "organization_deletions")
TRUE_WORDS = ("1", "true", "yes", "on")
FALSE_WORDS = ("0", "false", "no", "off")
BELOW = re.compile(r"(/[A-Za-z0-9._~-]+)+")


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
    password_min_length: int = 8
    breach_lookup_url: str | None = None
    """Where to ask, by the first five characters of a hash, whether a new password is in a published leak."""
    passkey_domain: str | None = None
    """The domain passkeys are made for: that of `public_url`, or one above it. Changing it voids them all."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks whose `X-Forwarded-For` is believed."""
    operators: tuple[str, ...] = ()
    """E-mail addresses of those who may impersonate; empty means whoever an API key names."""
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
        problems = list(_problems(self))
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
                values[setting.name] = _parse(setting, text)
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


def is_loopback(host: str) -> bool:
    """RFC 6761 §6.3 for the names; the address blocks for the rest."""
    if host in LOOPBACK_NAMES or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


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


def _parse(setting: "Field[object]", text: str) -> object:
    if isinstance(setting.default, bool):
        return _switch(text)
    if isinstance(setting.default, int):
        if not text.isascii() or not text.isdigit():
            raise ValueError(f"must be a whole number, not {text!r}")
        return int(text)
    if isinstance(setting.default, tuple):
        return tuple(text.replace(",", " ").split())
    return text


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


def _problems(settings: Settings) -> list[str]:
    return [
        *_url_problems(settings),
        *_secret_problems(settings.secret),
        *_number_problems(settings),
        *_network_problems("TRUSTED_PROXIES", settings.trusted_proxies),
        *_mail_problems(settings),
        *_template_problems(settings.mail_templates),
        *_locale_problems(settings.locale),
        *_breach_problems(settings.breach_lookup_url),
        *_operator_problems(settings.operators),
        *_network_problems("WEBHOOK_NETWORKS", settings.webhook_networks),
        *_redis_problems(settings.redis_url),
        *_token_problems(settings.metrics_token),
    ]


def _url_problems(settings: Settings) -> list[str]:
    name = PREFIX + "PUBLIC_URL"
    try:
        parts = urlsplit(settings.public_url)
        host, origin = parts.hostname or "", settings.origin
        _ = parts.port
    except ValueError:
        return [f"{name} is not an address: write it like https://id.example.com"]
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        return [f"{name} must be like https://id.example.com"]
    if settings.is_embedded and (
        not BELOW.fullmatch(parts.path) or settings.public_url != origin + parts.path
    ):
        return [f"{name} must be where the app has mounted its server, like {origin}/id"]
    if not settings.is_embedded and settings.public_url != origin:
        return [f"{name} must be an origin, without a path or a final slash: {origin}"]
    return _host_problems(settings, parts.scheme, host)


def _host_problems(settings: Settings, scheme: str, host: str) -> list[str]:
    problems = []
    if settings.passkey_domain and not f".{host}".endswith(f".{settings.passkey_domain}"):
        problems.append(f"{PREFIX}PASSKEY_DOMAIN must be {host} or a domain that it belongs to")
    if scheme == "http" and not is_loopback(host):
        problems.append(f"{PREFIX}PUBLIC_URL must begin with https:// (plain http is for loopback only)")
    if settings.environment not in ("staging", "production"):
        problems.append(f"{PREFIX}ENVIRONMENT must be staging or production")
    if settings.development and not is_loopback(host):
        problems.append(
            f"{PREFIX}DEVELOPMENT opens every mail to everyone: it is for loopback addresses only"
        )
    if settings.development and settings.environment == "production":
        problems.append(f"{PREFIX}DEVELOPMENT and {PREFIX}ENVIRONMENT=production exclude each other")
    return problems


def _secret_problems(secret: str) -> list[str]:
    if len(secret) < 32:
        return [f"{PREFIX}SECRET must have at least 32 characters: {HOW_TO_MAKE}"]
    if len(set(secret)) <= 8:
        return [f"{PREFIX}SECRET repeats too few characters to be a secret: {HOW_TO_MAKE}"]
    return []


def _number_problems(settings: Settings) -> list[str]:
    ranges = {
        "access_token_seconds": (40, 86_400),  # clients refresh 30 s ahead: shorter tokens never rest
        "session_seconds": (60, 400 * 86_400),
        "session_idle_seconds": (3_600, 400 * 86_400),
        "browser_session_seconds": (60, 400 * 86_400),
        "code_seconds": (10, 600),  # RFC 6749 §4.1.2: ten minutes at most
        "verification_seconds": (60, 86_400),
        "password_reset_seconds": (60, 86_400),
        "replay_window_seconds": (0, 60),
        "password_min_length": (8, 128),
        **dict.fromkeys(LIMITS, (0, 10_000_000)),
    }
    problems = [
        f"{PREFIX}{name.upper()} must be between {least} and {most}, not {value}"
        for name, (least, most) in ranges.items()
        if not least <= (value := getattr(settings, name)) <= most
    ]
    if settings.session_idle_seconds <= settings.access_token_seconds:
        problems.append(
            f"{PREFIX}SESSION_IDLE_SECONDS must be more than {PREFIX}ACCESS_TOKEN_SECONDS: "
            "apps refresh when an access token ends, so every session would be idle by then"
        )
    return problems


def _network_problems(name: str, networks: tuple[str, ...]) -> list[str]:
    problems = []
    for network in networks:
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            problems.append(f"{PREFIX}{name}: {network!r} is neither an address nor a network")
    return problems


def _redis_problems(url: str | None) -> list[str]:
    if url is None or url.startswith(("redis://", "rediss://", "unix://")):
        return []
    return [f"{PREFIX}REDIS_URL must be like redis://user:password@host:6379/0"]


def _token_problems(token: str | None) -> list[str]:
    if token is None or len(token) >= 16:
        return []
    return [f"{PREFIX}METRICS_TOKEN must have at least 16 characters: {HOW_TO_MAKE}"]


def _operator_problems(operators: tuple[str, ...]) -> list[str]:
    wrong = [each for each in operators if not 0 < each.find("@") < len(each) - 1]
    return [f"{PREFIX}OPERATORS: {each!r} is not an e-mail address" for each in wrong]


def _breach_problems(url: str | None) -> list[str]:
    if url is None:
        return []
    problem = f"{PREFIX}BREACH_LOOKUP_URL must be like https://api.pwnedpasswords.com/range"
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        return [problem]
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    return [] if named and safe and not parts.query and not parts.fragment else [problem]


def _template_problems(directory: str | None) -> list[str]:
    if directory is None or Path(directory).is_dir():
        return []
    return [f"{PREFIX}MAIL_TEMPLATES is not a directory"]


def _locale_problems(locale: str) -> list[str]:
    if find_language(locale) is not None:
        return []
    known = ", ".join(language.tag for language in available())
    return [f"{PREFIX}LOCALE must be one of {known}, not {locale!r}"]


def _mail_problems(settings: Settings) -> list[str]:
    name = PREFIX + "SMTP_URL"
    if settings.smtp_url is None:
        if settings.environment == "staging":
            return []
        return [f"{name} is not set: verification and reset mails need it (smtp://user:password@host:587)"]
    try:
        parts = urlsplit(settings.smtp_url)
        if parts.scheme in ("smtp", "smtps") and parts.hostname and parts.port != 0:
            return []
    except ValueError:
        pass
    return [f"{name} must be like smtp://user:password@host:587"]
