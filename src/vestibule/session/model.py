"""What an app sees of a sign-in."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from vestibule.cookies import SetCookie
from vestibule.session.payload import Payload
from vestibule.wire.claims import Claims
from vestibule.wire.models import Impersonator, User
from vestibule.wire.tokens import TokenAnswer

__all__ = ["Loaded", "Session", "SignIn", "SignedOut"]


class SignedOut(StrEnum):
    """Why there is no session. An unreachable server is none of these: it raises."""

    NO_COOKIE = "no_cookie"
    BAD_COOKIE = "bad_cookie"
    EXPIRED = "expired"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A person who is signed in. Valid when it was loaded; ask the request for it anew each time."""

    user: User
    id: str
    organization_id: str | None
    role: str | None
    roles: frozenset[str]
    permissions: frozenset[str]
    entitlements: frozenset[str]
    feature_flags: frozenset[str]
    impersonator: Impersonator | None
    access_token: str = field(repr=False)
    claims: Claims = field(repr=False)
    authentication_method: str | None
    authenticated_at: datetime | None
    expires_at: datetime
    payload: Payload = field(repr=False, compare=False)

    def allows(self, *permissions: str) -> bool:
        """Whether every one of these permissions was granted, in the session's organization."""
        return self.permissions.issuperset(permissions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Either a session or the reason there is none; `cookies` belong on the response in both cases."""

    session: Session | None = None
    reason: SignedOut | None = None
    cookies: tuple[SetCookie, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A finished sign-in that is not the browser's session yet: `commit` it, or drop it."""

    session: Session
    return_path: str
    state: str | None = field(default=None, repr=False)
    response: TokenAnswer = field(repr=False)
