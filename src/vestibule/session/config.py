"""The toolkit's settings: one frozen value, and the only reader of the toolkit's environment."""

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from vestibule.crypto.fernet import check_fernet_key
from vestibule.crypto.jwt import OUR_TYPES, WORKOS_TYPES, OptionalAudience
from vestibule.crypto.sealer import IronSealer, Sealer
from vestibule.errors import ConfigError
from vestibule.session import checks
from vestibule.session.dotenv import read_dotenv
from vestibule.session.globs import compile_glob

__all__ = ["Config", "Profile"]

WORKOS = "https://api.workos.com"
FOUR_HUNDRED_DAYS = 34_560_000
THIRTY_DAYS = 2_592_000

Profile = Literal["vestibule", "workos"]
Revocation = Literal["off", "list"]

log = logging.getLogger("vestibule")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Checked as it is made: ConfigError lists every problem. docs/reference/settings.md explains each.

    `cookie_passwords` reads all and writes the first. `api_key=None` makes a public client.
    `redirect_uri` may be a function, asked anew for every sign-in.
    """

    url: str = WORKOS
    client_id: str
    api_key: str | None = field(default=None, repr=False)
    redirect_uri: str | Callable[[], str]
    cookie_passwords: tuple[str, ...] = field(repr=False)
    cookie_name: str = "wos-session"
    cookie_max_age: int = FOUR_HUNDRED_DAYS
    cookie_domain: str | None = None
    cookie_same_site: str = "lax"
    cookie_trim: bool = True
    issuer: str | None = None
    profile: Profile | None = None
    prefix: str = "/auth"
    trusted_origins: tuple[str, ...] = ()
    refresh_buffer: int | None = None
    session_max_age: int | None = None
    token_cache: int = 1024
    cookie_cache: int = 0
    home: str = "/"
    protect: bool = False
    public_paths: tuple[str, ...] = ()
    sign_up_paths: tuple[str, ...] = ()
    eager_access_token: bool = False
    browser_tokens: bool = True
    bearer: bool = False
    api_keys: bool = False
    revocation: Revocation = "off"
    revocation_seconds: int = 5
    data_cookie_name: str = "vestibule-data"
    data_max_age: int = THIRTY_DAYS
    data_ends_with_session: bool = True
    rate_store: str | None = field(default=None, repr=False)
    workos_python_passwords: tuple[str, ...] = field(default=(), repr=False)
    own_sealer: Sealer | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        problems = tuple(self._problems())
        if problems:
            raise ConfigError(problems)
        normal = {
            "url": self.url.rstrip("/"),
            "profile": self.profile or ("workos" if self.url.rstrip("/") == WORKOS else "vestibule"),
            "trusted_origins": tuple(checks.origin_of(origin) for origin in self.trusted_origins),
        }
        for name, value in normal.items():
            object.__setattr__(self, name, value)

    @classmethod
    def from_env(
        cls,
        environ: Mapping[str, str] | None = None,
        *,
        dotenv: str | Path | None = None,
        redirect_uri: str | Callable[[], str] | None = None,
        **defaults: object,
    ) -> "Config":
        """VESTIBULE_X, else WORKOS_X, else `defaults`, else the built-in value; empty counts as unset.

        Without `environ` it is the process's, over the `.env` of the working directory. `redirect_uri`
        alone wins over the environment.
        """
        return cls(**_read(read_variables(environ, dotenv), redirect_uri, defaults))  # type: ignore[arg-type]

    @property
    def sealer(self) -> Sealer:
        """What cookies are sealed with: the app's own, or Fe26.2 with the first cookie password."""
        return self.own_sealer or IronSealer(self.cookie_passwords)

    @property
    def issuers(self) -> tuple[str, ...]:
        """Every spelling of `iss` that is this server's."""
        if self.issuer:
            return tuple(each.strip() for each in self.issuer.split(",") if each.strip())
        if self.profile == "workos":
            # Varies by the age of the environment; a custom auth domain must be named as `issuer`.
            ours = (f"{self.url}/user_management/{self.client_id}", f"{self.url}/sso/{self.client_id}")
            return (self.url, f"{self.url}/", *ours)
        return (self.url,)

    @property
    def audience(self) -> str | OptionalAudience:
        return OptionalAudience(self.client_id) if self.profile == "workos" else self.client_id

    @property
    def token_types(self) -> frozenset[str]:
        return WORKOS_TYPES if self.profile == "workos" else OUR_TYPES

    def callback_url(self) -> str:
        """The redirect URI in force now. Raises ConfigError when the function gives something unusable."""
        if isinstance(self.redirect_uri, str):
            return self.redirect_uri
        uri = self.redirect_uri()
        problems = tuple(checks.redirect_uri(uri))
        if problems:
            raise ConfigError(problems)
        return uri

    @property
    def callback_path(self) -> str:
        return _path_of(self.callback_url())

    @property
    def origin(self) -> str:
        """The app's own origin, from the settings and never from a Host header."""
        return checks.origin_of(self.callback_url())

    def _problems(self) -> Iterator[str]:
        yield from checks.server_url(self.url)
        yield from checks.client_id(self.client_id)
        yield from checks.passwords(self.cookie_passwords)
        yield from checks.raised(check_fernet_key, self.workos_python_passwords)
        domain, same_site = self.cookie_domain, self.cookie_same_site
        yield from checks.cookie(
            name=self.cookie_name, domain=domain, same_site=same_site, max_age=self.cookie_max_age
        )
        if isinstance(self.redirect_uri, str):
            bad_uri = tuple(checks.redirect_uri(self.redirect_uri))
            yield from bad_uri
            if not bad_uri:
                yield from checks.callback_path(self.redirect_uri, prefix=self.prefix)
                yield from checks.cookie_on(
                    self.redirect_uri, name=self.cookie_name, domain=domain, same_site=same_site
                )
        yield from checks.limits(refresh_buffer=self.refresh_buffer, session_max_age=self.session_max_age)
        yield from checks.data(
            self.data_cookie_name, max_age=self.data_max_age, session_cookie=self.cookie_name
        )
        yield from checks.revocation(self.revocation, seconds=self.revocation_seconds)
        yield from checks.rate_store(self.rate_store)
        if self.api_key is None:
            yield from checks.needs_api_key(api_keys=self.api_keys, revocation=self.revocation != "off")
        if self.revocation == "list" and (self.profile or self.url.rstrip("/")) in ("workos", WORKOS):
            yield checks.NO_LIST
        yield from checks.cache_sizes(token_cache=self.token_cache, cookie_cache=self.cookie_cache)
        yield from checks.paths(prefix=self.prefix, home=self.home)
        yield from checks.origins(self.trusted_origins)
        yield from checks.raised(compile_glob, (*self.public_paths, *self.sign_up_paths))
        if self.profile is not None:
            yield from checks.profile(self.profile)


@lru_cache(maxsize=64)
def _path_of(url: str) -> str:
    """Asked with every request, and nearly always about the same address."""
    return urlsplit(url).path or "/"


# Further names of a setting, after VESTIBULE_X and WORKOS_X.
ALIASES = {
    "redirect_uri": ("NEXT_PUBLIC_WORKOS_REDIRECT_URI",),
    "cookie_same_site": ("VESTIBULE_COOKIE_SAMESITE", "WORKOS_COOKIE_SAMESITE"),
}
# The settings the JavaScript libraries read; a WORKOS_ variable of another tool is none of ours.
SHARED = frozenset({"client_id", "api_key", "redirect_uri", "issuer"})
SECONDS = frozenset(
    {"cookie_max_age", "refresh_buffer", "session_max_age", "revocation_seconds", "data_max_age"}
)
NUMBERS = frozenset({"token_cache", "cookie_cache"})
SWITCHES = frozenset(
    {
        "cookie_trim",
        "protect",
        "eager_access_token",
        "browser_tokens",
        "bearer",
        "api_keys",
        "data_ends_with_session",
    }
)
LISTS = frozenset({"trusted_origins", "public_paths", "sign_up_paths", "workos_python_passwords"})
# Given in code only.
NOT_FROM_ENV = frozenset({"own_sealer"})
TRUTH = {
    "true": True,
    "1": True,
    "yes": True,
    "on": True,
    "false": False,
    "0": False,
    "no": False,
    "off": False,
}


def process_environment() -> Mapping[str, str]:
    """For `vestibule doctor`, which tells where each value came from."""
    return os.environ


def variable_names(setting: str) -> tuple[str, ...]:
    """The environment variables of a setting, the first that is set wins."""
    if setting in NOT_FROM_ENV:
        return ()
    if setting == "cookie_passwords":
        return ("VESTIBULE_COOKIE_PASSWORDS", "VESTIBULE_COOKIE_PASSWORD", "WORKOS_COOKIE_PASSWORD")
    upper = setting.upper()
    is_shared = setting in SHARED or (setting.startswith("cookie_") and setting != "cookie_cache")
    shared = (f"WORKOS_{upper}",) if is_shared else ()
    return (f"VESTIBULE_{upper}", *shared, *ALIASES.get(setting, ()))


def read_variables(
    environ: Mapping[str, str] | None = None, dotenv: str | Path | None = None
) -> dict[str, str]:
    """Those that are not empty; without `environ` the process's, over the `.env` of the directory."""
    if environ is None:
        environ, dotenv = os.environ, dotenv or ".env"
    from_file = read_dotenv(Path(dotenv)) if dotenv else {}
    merged = [*from_file.items(), *((key, value) for key, value in environ.items() if value.strip())]
    return {key: value.strip() for key, value in merged if value.strip()}


def _read(
    variables: Mapping[str, str], redirect_uri: str | Callable[[], str] | None, defaults: dict[str, object]
) -> dict[str, object]:
    known = [each.name for each in fields(Config)]
    unknown = sorted(defaults.keys() - set(known))
    problems = [f"There is no setting {name!r}." for name in unknown]
    settings: dict[str, object] = {"client_id": "", "redirect_uri": "", "cookie_passwords": ()}
    settings |= {name: value for name, value in defaults.items() if name in known and value not in (None, "")}
    if isinstance(settings["cookie_passwords"], str):
        settings["cookie_passwords"] = (settings["cookie_passwords"],)
    for name in known:
        try:
            settings |= _from_variables(name, variables)
        except ValueError as error:
            problems.append(str(error))
    if redirect_uri is not None:
        settings["redirect_uri"] = redirect_uri
    if problems:
        raise ConfigError([*problems, *_problems_of(settings)])
    return settings


def _problems_of(settings: dict[str, object]) -> tuple[str, ...]:
    try:
        Config(**settings)  # type: ignore[arg-type]
    except ConfigError as error:
        return error.problems
    return ()


def _from_variables(setting: str, variables: Mapping[str, str]) -> dict[str, object]:
    found = [(name, variables[name]) for name in variable_names(setting) if name in variables]
    if setting == "url" and (spelled := workos_url(variables)):
        found.append(("WORKOS_API_HOSTNAME", spelled))
    if not found:
        return {}
    name, value = found[0]
    parsed = _parse(setting, name, value)
    for other, text in found[1:]:
        if _parse(setting, other, text) != parsed and setting != "cookie_passwords":
            _warn_once(name, other)
    return {setting: parsed}


def _parse(setting: str, name: str, value: str) -> object:
    if setting == "cookie_passwords":
        return tuple(value.split()) if name.endswith("S") else (value,)
    if setting in LISTS:
        return tuple(value.replace(",", " ").split())
    if setting in SECONDS | NUMBERS:
        try:
            return int(value)
        except ValueError:
            kind = "number of seconds" if setting in SECONDS else "number"
            raise ValueError(f"{name} is a {kind}, not {value!r}. `unset {name}`.") from None
    if setting in SWITCHES:
        if value.lower() not in TRUTH:
            raise ValueError(f"{name} is true or false, not {value!r}. `unset {name}`.")
        return TRUTH[value.lower()]
    return value


def workos_url(variables: Mapping[str, str]) -> str | None:
    """The three variables of the JavaScript libraries; as there, only the exact text `true` is https."""
    host, port = variables.get("WORKOS_API_HOSTNAME"), variables.get("WORKOS_API_PORT")
    https = variables.get("WORKOS_API_HTTPS")
    if host is None and port is None and https is None:
        return None
    scheme = "https" if https in (None, "true") else "http"
    return f"{scheme}://{host or 'api.workos.com'}" + (f":{port}" if port else "")


@cache
def _warn_once(name: str, other: str) -> None:
    log.warning("config.two_values: %s and %s differ; %s is used", name, other, name)
