"""What an app sees of a sign-in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal

from vestibule.cookies import SetCookie
from vestibule.session.payload import Payload
from vestibule.session.reply import Reply
from vestibule.wire.claims import Claims
from vestibule.wire.models import Impersonator, User
from vestibule.wire.tokens import TokenAnswer

__all__ = ["ApiKey", "Loaded", "Session", "SignIn", "SignedOut"]


class SignedOut(StrEnum):
    """Why there is no session. An unreachable server is none of these: it raises."""

    NO_COOKIE = "no_cookie"
    BAD_COOKIE = "bad_cookie"
    EXPIRED = "expired"
    REFUSED = "refused"
    BAD_TOKEN = "bad_token"  # noqa: S105 - a reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """The key a program called with; never its value. `owner_id` is a user or an organization."""

    id: str
    name: str
    owner: Literal["user", "organization"]
    owner_id: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Session:
    """A person who is signed in. Valid when it was loaded; ask the request for it anew each time."""

    payload: Payload
    claims: Claims
    api_key: ApiKey | None = None

    def allows(self, *permissions: str) -> bool:
        """Whether every one of these permissions was granted, in the session's organization."""
        return self.permissions.issuperset(permissions)

    @property
    def user(self) -> User:
        return self.payload.user

    @property
    def id(self) -> str:
        return self.claims.sid

    @property
    def organization_id(self) -> str | None:
        return self.claims.organization_id

    @property
    def role(self) -> str | None:
        return self.claims.role

    @property
    def roles(self) -> frozenset[str]:
        return self.claims.roles

    @property
    def permissions(self) -> frozenset[str]:
        return self.claims.permissions

    @property
    def entitlements(self) -> frozenset[str]:
        return self.claims.entitlements

    @property
    def feature_flags(self) -> frozenset[str]:
        return self.claims.feature_flags

    @property
    def impersonator(self) -> Impersonator | None:
        return self.payload.impersonator

    @property
    def access_token(self) -> str:
        return self.payload.access_token

    @property
    def authentication_method(self) -> str | None:
        return self.payload.authentication_method

    @property
    def authenticated_at(self) -> datetime | None:
        return _moment(self.claims.auth_time)

    @property
    def expires_at(self) -> datetime:
        return datetime.fromtimestamp(self.claims.exp, UTC)

    def __repr__(self) -> str:
        """No token in it."""
        return f"Session({self.user!r}, id={self.id!r}, organization_id={self.organization_id!r})"


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
    reply: Callable[[Session, str], Reply | None] | None = field(default=None, repr=False)
    """Called when it is the browser's session, with where it leads: another answer than the way there."""


def _moment(seconds: int | None) -> datetime | None:
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
