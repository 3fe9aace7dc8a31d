"""What the server says about a person: snake_case from its API, camelCase in the sealed cookie."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from types import MappingProxyType

from vestibule.wire import fields

NOTHING: Mapping[str, object] = MappingProxyType({})

Spelling = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person. `metadata` is the app's own: its keys are never re-cased."""

    id: str
    email: str
    email_verified: bool = False
    name: str | None = None
    first_name: str | None = None
    profile_picture_url: str | None = None
    last_name: str | None = None
    last_sign_in_at: datetime | None = None
    locale: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    external_id: str | None = None
    metadata: Mapping[str, object] = field(default_factory=lambda: NOTHING, hash=False)

    @classmethod
    def from_api(cls, data: Mapping[str, object]) -> "User":
        """Raises ValueError without an id; unknown members are left out."""
        return _user(cls, data, str)

    @classmethod
    def from_cookie(cls, data: Mapping[str, object]) -> "User":
        """Raises ValueError without an id; unknown members are left out."""
        return _user(cls, data, _camel)

    def to_cookie(self) -> dict[str, object]:
        return _user_members(self, _camel)

    def to_api(self) -> dict[str, object]:
        return _user_members(self, str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Impersonator:
    """Who is really at the keyboard."""

    email: str
    reason: str | None = None

    @classmethod
    def from_api(cls, data: Mapping[str, object]) -> "Impersonator":
        """Raises ValueError without an e-mail address. The cookie spells it the same."""
        return cls(email=_required(data, "email"), reason=fields.text(data, "reason"))

    from_cookie = from_api

    def to_cookie(self) -> dict[str, object]:
        return {"email": self.email, "reason": self.reason}


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthTokens:
    """The upstream provider's own tokens, when the server is set to hand them on."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    expires_at: int | None = None
    scopes: tuple[str, ...] = ()

    @classmethod
    def from_api(cls, data: Mapping[str, object]) -> "OAuthTokens":
        """Raises ValueError without an access token."""
        return _oauth_tokens(cls, data, "access_token", "refresh_token", "expires_at")

    @classmethod
    def from_cookie(cls, data: Mapping[str, object]) -> "OAuthTokens":
        """Raises ValueError without an access token."""
        return _oauth_tokens(cls, data, "accessToken", "refreshToken", "expiresAt")

    def to_cookie(self) -> dict[str, object]:
        return {
            "accessToken": self.access_token,
            "refreshToken": self.refresh_token,
            "expiresAt": self.expires_at,
            "scopes": list(self.scopes),
        }


def _user(cls: type[User], data: Mapping[str, object], spell: Spelling) -> User:
    return cls(
        id=_required(data, "id"),
        email=fields.text(data, "email") or "",
        email_verified=data.get(spell("email_verified")) is True,
        name=fields.text(data, "name"),
        first_name=fields.text(data, spell("first_name")),
        profile_picture_url=fields.text(data, spell("profile_picture_url")),
        last_name=fields.text(data, spell("last_name")),
        last_sign_in_at=fields.time(data, spell("last_sign_in_at")),
        locale=fields.text(data, "locale"),
        created_at=fields.time(data, spell("created_at")),
        updated_at=fields.time(data, spell("updated_at")),
        external_id=fields.text(data, spell("external_id")),
        metadata=MappingProxyType(dict(fields.members(data, "metadata") or {})),
    )


def _user_members(user: User, spell: Spelling) -> dict[str, object]:
    # In the order the JavaScript libraries write them.
    return {
        "object": "user",
        "id": user.id,
        "email": user.email,
        spell("email_verified"): user.email_verified,
        "name": user.name,
        spell("first_name"): user.first_name,
        spell("profile_picture_url"): user.profile_picture_url,
        spell("last_name"): user.last_name,
        spell("last_sign_in_at"): fields.time_text(user.last_sign_in_at),
        "locale": user.locale,
        spell("created_at"): fields.time_text(user.created_at),
        spell("updated_at"): fields.time_text(user.updated_at),
        spell("external_id"): user.external_id,
        "metadata": dict(user.metadata),
    }


@cache
def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def _oauth_tokens(
    cls: type[OAuthTokens], data: Mapping[str, object], access: str, refresh: str, expires: str
) -> OAuthTokens:
    return cls(
        access_token=_required(data, access),
        refresh_token=fields.text(data, refresh),
        expires_at=fields.seconds(data, expires),
        scopes=fields.texts(data, "scopes"),
    )


def _required(data: Mapping[str, object], key: str) -> str:
    value = fields.text(data, key)
    if not value:
        raise ValueError(f"{key} is missing")
    return value
