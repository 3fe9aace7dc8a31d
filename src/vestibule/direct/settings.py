"""The settings of direct mode: what the toolkit's own do not say. One frozen value, checked as it is made."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final
from urllib.parse import urlsplit

from vestibule.direct.expiry import POLICIES, Expiry, Policy
from vestibule.errors import ConfigError
from vestibule.oauth.any_provider import from_environment
from vestibule.oauth.client import Client
from vestibule.session import checks
from vestibule.session.config import TRUTH, Config, read_variables
from vestibule.session.guards import Rate

DAY: Final = 86_400
CREDENTIALS: Final = "credentials"
MAYBE: Final = frozenset({"max_lifetime"})  # where None is a value: there is no such end
# The toolkit's own name; under it, whatever the environment says about a server is not about this app.
STAND_IN: Final[Mapping[str, Any]] = {
    "url": "http://localhost",
    "client_id": "direct",
    "api_key": None,
    "issuer": None,
    "profile": "vestibule",
    "bearer": False,
    "api_keys": False,
    "revocation": "off",
    "eager_access_token": False,
    "browser_tokens": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectSettings:
    """docs/reference/settings.md explains each; times are in seconds.

    `base_url` is the app's public address, as far as it is mounted. A `lifetime` is how long a session lives
    without being used, `max_lifetime` how long at most.
    """

    base_url: str = ""
    policy: Policy = "sliding"
    lifetime: int = 7 * DAY
    max_lifetime: int | None = 30 * DAY
    sliding_threshold: float = 0.5
    keep_tokens: bool = False
    browser_provider_tokens: bool = False
    credentials_rate: str = "10/minute"

    def __post_init__(self) -> None:
        problems = tuple(self._problems())
        if problems:
            raise ConfigError(problems)
        object.__setattr__(self, "base_url", self.base_url.rstrip("/"))

    @property
    def mount_path(self) -> str:
        """What `base_url` says that the app is mounted under."""
        return urlsplit(self.base_url).path

    @property
    def longest(self) -> int:
        """How long to keep what belongs to a session, in seconds; where it has no end, ten times its life
        without being used."""
        return self.max_lifetime or 10 * self.lifetime

    @property
    def expiry(self) -> Expiry:
        return Expiry(
            policy=self.policy,
            max_age=self.lifetime,
            max_duration=self.max_lifetime,
            sliding_threshold=self.sliding_threshold,
        )

    def _problems(self) -> Iterator[str]:
        parts = checks.web_url(self.base_url)
        if parts is None or parts.query or parts.fragment:
            yield (
                "base_url is the address of this app, which providers send people back to. "
                "`export VESTIBULE_BASE_URL=http://localhost:8000`."
            )
        if self.policy not in POLICIES:
            yield f"VESTIBULE_POLICY is one of {', '.join(POLICIES)}, not {self.policy!r}."
        if self.lifetime <= 0:
            yield "VESTIBULE_LIFETIME is a number of seconds above 0. `unset VESTIBULE_LIFETIME`."
        if self.max_lifetime is not None and self.max_lifetime < self.lifetime:
            yield "VESTIBULE_MAX_LIFETIME is at least as long as VESTIBULE_LIFETIME."
        if not 0 < self.sliding_threshold < 1:
            yield "VESTIBULE_SLIDING_THRESHOLD is a share between 0 and 1."


@dataclass(frozen=True, slots=True)
class Chosen:
    """Everything an app of direct mode runs with."""

    config: Config
    settings: DirectSettings
    clients: Mapping[str, Client] = field(repr=False)


def choose(
    providers: Sequence[str | Client],
    given: Mapping[str, Any],
    *,
    redirect_uri: str | Callable[[], str] | None = None,
    environ: Mapping[str, str] | None = None,
    made_up: tuple[str, str] | None = None,
    with_passwords: bool = False,
) -> Chosen:
    """From the environment (over the `.env` of the working directory) and what the app gave; the environment
    wins. `made_up`: id and secret for clients without. Raises ConfigError, which lists every problem."""
    variables = read_variables(environ)
    names = {each.name for each in fields(DirectSettings)}
    ours = {
        name: value for name, value in given.items() if name in names and (value is not None or name in MAYBE)
    }
    problems = [*_useless(given, redirect_uri)]
    clients = _clients(providers, variables, problems, made_up)
    settings, config = None, None
    try:
        settings = DirectSettings(**{**ours, **_from_environment(variables, problems)})
        if with_passwords:
            Rate(settings.credentials_rate, name=CREDENTIALS)  # is checked as it is made
    except ConfigError as error:
        problems += error.problems
    theirs = {name: value for name, value in given.items() if name not in names}
    base_url = settings.base_url if settings else "http://localhost"
    try:
        config = _config(theirs, base_url, variables)
    except ConfigError as error:
        problems += error.problems
    if problems or settings is None or config is None:
        raise ConfigError(problems)
    return Chosen(config, settings, clients)


def _useless(given: Mapping[str, Any], redirect_uri: object) -> Iterator[str]:
    if redirect_uri is not None:
        yield "Direct mode has a callback for each provider: give base_url= in place of redirect_uri=."
    for name, value in given.items():
        if name in STAND_IN and value not in (None, STAND_IN[name]):
            yield f"There is no server in direct mode, so there is no use for {name}=. Remove it."


def _clients(
    providers: Sequence[str | Client],
    variables: Mapping[str, str],
    problems: list[str],
    made_up: tuple[str, str] | None,
) -> dict[str, Client]:
    clients: dict[str, Client] = {}
    for given in providers:
        try:
            client = from_environment(given, variables)
            if made_up is not None and not client.client_id:
                client = replace(client, client_id=made_up[0], client_secret=made_up[1])
            _ = client.provider  # whatever is missing is said now, not to the first visitor
        except ConfigError as error:
            problems += error.problems
            continue
        if client.id in clients or client.id == CREDENTIALS:
            problems.append(f"There are two ways of signing in called {client.id!r}: give one an id=.")
        clients[client.id] = client
    return clients


def _config(given: Mapping[str, Any], base_url: str, variables: Mapping[str, str]) -> Config:
    secure = base_url.startswith("https://")
    prefix = variables.get("VESTIBULE_PREFIX") or given.get("prefix", "/auth")
    # `__Host-` is the strongest promise a browser makes about a cookie, and it needs https and no domain.
    domain = variables.get("VESTIBULE_COOKIE_DOMAIN") or given.get("cookie_domain")
    name = "__Host-vestibule-session" if secure and not domain else "vestibule-session"
    config = Config.from_env(
        variables,
        redirect_uri=f"{base_url}{prefix}/callback",
        **{"cookie_name": name, **STAND_IN, **given},
    )
    return replace(config, **STAND_IN)


def _from_environment(variables: Mapping[str, str], problems: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in fields(DirectSettings):
        variable = f"VESTIBULE_{each.name.upper()}"
        text = variables.get(variable)
        if text is not None:
            try:
                found[each.name] = _read(variable, text, each.default)
            except ConfigError as error:
                problems += error.problems
    return found


def _read(variable: str, text: str, usual: object) -> object:
    if isinstance(usual, bool):
        if text.lower() not in TRUTH:
            raise ConfigError(f"{variable} is true or false, not {text!r}. `unset {variable}`.")
        return TRUTH[text.lower()]
    if isinstance(usual, str):
        return text
    try:
        return float(text) if isinstance(usual, float) else int(text)
    except ValueError:
        raise ConfigError(f"{variable} is a number, not {text!r}. `unset {variable}`.") from None
