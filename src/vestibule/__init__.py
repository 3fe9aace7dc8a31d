"""Sign-in for Python web apps.

from vestibule.fastapi import Auth, CurrentSession     # or vestibule.flask, vestibule.starlette
Auth(app)

Here are the names that are the same in every framework.
"""

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
