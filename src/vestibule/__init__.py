"""Sign-in for Python web apps.

    from vestibule.fastapi import Auth, CurrentSession     # or starlette, flask, django, litestar
    Auth(app)

Here are the names that are the same in every framework. They are loaded when first asked for: a test run
loads this package at its start, whether its tests have to do with sign-in or not.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vestibule.errors import (
        ConfigError,
        Forbidden,
        LoginError,
        NotInstalled,
        Refused,
        SealError,
        SessionTooLarge,
        TokenError,
        Unreachable,
        VestibuleError,
    )
    from vestibule.session.config import Config
    from vestibule.session.events import Event
    from vestibule.session.guards import Requirement, requirement
    from vestibule.session.model import Session, SignedOut, SignIn
    from vestibule.wire.models import Impersonator, OAuthTokens, User

__all__ = [
    "Config",
    "ConfigError",
    "Event",
    "Forbidden",
    "Impersonator",
    "LoginError",
    "NotInstalled",
    "OAuthTokens",
    "Refused",
    "Requirement",
    "SealError",
    "Session",
    "SessionTooLarge",
    "SignIn",
    "SignedOut",
    "TokenError",
    "Unreachable",
    "User",
    "VestibuleError",
    "requirement",
]

_MODULES = ("errors", "session.config", "session.events", "session.guards", "session.model", "wire.models")

if not TYPE_CHECKING:  # else a type checker would take every name for one of ours

    def __getattr__(name: str) -> object:
        if name in __all__:
            for module in map(import_module, (f"vestibule.{each}" for each in _MODULES)):
                if name in vars(module):
                    return globals().setdefault(name, vars(module)[name])
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
