"""Direct mode on Aura's wire: its cookie, its tokens and its routes, beside our own."""

import secrets
import time
from collections.abc import Callable
from typing import Any, Final

from vestibule.direct.aura.jose import Jose, jose_of
from vestibule.direct.aura.keys import AuraKeys
from vestibule.direct.aura.sealing import AuraSessions
from vestibule.direct.aura.settings import (
    Aura,
    cookie_passwords,
    read_keys,
    session_cookie_name,
    tokens_of,
)
from vestibule.direct.aura.tokens import FIFTEEN_DAYS, AuraTokens
from vestibule.direct.sealing import SessionCodec
from vestibule.direct.way import DirectWay
from vestibule.errors import ConfigError
from vestibule.flow import Flow
from vestibule.session.config import Config, read_variables
from vestibule.session.incoming import Incoming
from vestibule.session.visit import Visit
from vestibule.session.way import Answer

# By the first part of the path below the prefix. A route's name begins with `aura_`, and none of ours does.
PLAIN: Final = frozenset({"session", "signOut", "csrfToken", "signUp"})
NAMING: Final = frozenset({"signIn", "providers"})
KIND: Final = "aura"


class AuraWay(DirectWay):
    """What `Auth.direct(…, aura=True)` makes."""

    def __init__(self, *args: Any, aura: Aura, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.aura = aura
        self._keys: tuple[AuraKeys, ...] = ()
        self._stand_in: AuraKeys | None = None

    def configure(self, redirect_uri: str | Callable[[], str] | None, given: dict[str, Any], /) -> Config:
        """Raises ConfigError, which lists the problems of both kinds of settings."""
        variables, problems = read_variables(), list[str]()
        try:
            self._keys = (self._stand_in,) if self._stand_in else read_keys(self.aura, variables)
        except ConfigError as error:
            problems += error.problems
            self._keys = (_made_up(),)
        # Aura's own name for it.
        base_url = (
            variables.get("VESTIBULE_BASE_URL") or given.get("base_url") or variables.get("BASE_URL") or ""
        )
        usual = {
            "base_url": base_url,
            "policy": "absolute",
            "lifetime": FIFTEEN_DAYS,
            "cookie_name": session_cookie_name(self.aura, secure=base_url.startswith("https://")),
            "cookie_passwords": cookie_passwords(self._keys),
        }
        try:
            config = super().configure(redirect_uri, {**usual, **given})
        except ConfigError as error:
            raise ConfigError([*problems, *error.problems]) from None
        if problems:
            raise ConfigError(problems)
        return config

    def fill_in(self) -> None:
        super().fill_in()
        self._stand_in = _made_up()

    @property
    def tokens(self) -> AuraTokens:
        _ = self.chosen
        return tokens_of(self.aura, self._keys)

    @property
    def jose(self) -> Jose:
        """Before the first request too, for scripts that make tokens."""
        keys = self._keys or read_keys(self.aura, read_variables())
        clock = time.time if self._sessions is None else self._sessions.clock
        return jose_of(tokens_of(self.aura, keys), clock=clock)

    def codec(self, config: Config) -> SessionCodec:
        return AuraSessions(self.tokens)

    def route_of(self, incoming: Incoming, config: Config) -> str | None:
        below = incoming.path.removeprefix(f"{config.prefix}/")
        if below == incoming.path:
            return None
        first, slash, _ = below.partition("/")
        if first in (NAMING if slash else PLAIN):
            return f"{KIND}/{below.removesuffix('/') if first == 'signIn' else below}"
        return super().route_of(incoming, config)

    def listed(self) -> dict[str, tuple[str, ...]]:
        from vestibule.direct.aura.routes import METHODS  # which knows this module

        theirs = [*PLAIN, *(f"{name}/{{name}}" for name in NAMING)]
        return super().listed() | dict.fromkeys(sorted(theirs), METHODS)

    def reads_body(self, route: str) -> bool:
        return route.startswith(f"{KIND}/") or super().reads_body(route)

    def answer(self, visit: Visit, route: str) -> Flow[Answer]:
        from vestibule.direct.aura.routes import answer  # which knows this module

        kind, _, rest = route.partition("/")
        if kind in (KIND, "callback"):
            return (yield from answer(self, visit, kind, rest))
        return (yield from super().answer(visit, route))


def _made_up() -> AuraKeys:
    return AuraKeys.derive(secrets.token_urlsafe(32), secrets.token_urlsafe(32))
