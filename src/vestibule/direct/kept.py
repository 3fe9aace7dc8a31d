"""What a session of direct mode is: all of it is in the cookie, and nothing anywhere else."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from vestibule.crypto.strict_json import Json
from vestibule.direct.expiry import Lifetime
from vestibule.errors import ConfigError
from vestibule.session.model import Session
from vestibule.session.payload import Payload
from vestibule.wire import fields
from vestibule.wire.claims import Claims
from vestibule.wire.models import User

__all__ = ["DirectSession", "Kept"]

# What an app may grant, in the words of the guards, and the claim it is in an access token.
GRANTS: Mapping[str, str] = {
    "organization_id": "org_id",
    "role": "role",
    "roles": "roles",
    "permissions": "permissions",
    "entitlements": "entitlements",
    "feature_flags": "feature_flags",
}
LISTS = frozenset({"roles", "permissions", "entitlements", "feature_flags"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """`accounts`: the subject at each provider that is connected, by the provider's id. `grants` has the
    names of claims."""

    id: str
    user: User
    lifetime: Lifetime
    authenticated_at: int
    provider: str | None = None
    method: str | None = None
    accounts: Mapping[str, str] = field(default_factory=dict)
    grants: Mapping[str, Json] = field(default_factory=dict)

    def granted(self, given: Mapping[str, object]) -> "Kept":
        """With what the app grants, in the words of `requires`. Raises ConfigError."""
        unknown = sorted(given.keys() - GRANTS.keys())
        if unknown:
            raise ConfigError(f"There is nothing to grant called {unknown[0]!r}: use {', '.join(GRANTS)}.")
        grants: dict[str, Json] = dict(self.grants)
        for name, value in given.items():
            grants.pop(GRANTS[name], None)
            if value:
                grants[GRANTS[name]] = _texts(name, value)
        return replace(self, grants=grants)

    def session(self) -> "DirectSession":
        raw: dict[str, object] = {
            **self.grants,
            "sub": self.user.id,
            "sid": self.id,
            "iat": self.lifetime.issued_at,
            "exp": self.lifetime.expires_at,
            "auth_time": self.authenticated_at,
        }
        payload = Payload(
            access_token="", refresh_token="", user=self.user, authentication_method=self.method
        )
        return DirectSession(payload=payload, claims=Claims.read(raw), kept=self)

    def to_json(self) -> dict[str, Json]:
        life = self.lifetime
        members: dict[str, object] = {
            "id": self.id,
            "user": self.user.to_cookie(),
            "iat": life.issued_at,
            "exp": life.expires_at,
            "mexp": life.ends_at,
            "auth_time": self.authenticated_at,
            "provider": self.provider,
            "method": self.method,
            "accounts": dict(self.accounts) or None,
            "grants": dict(self.grants) or None,
        }
        return {name: value for name, value in members.items() if value is not None}  # type: ignore[misc]

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "Kept":
        """Raises ValueError for what was no session."""
        user = fields.members(data, "user")
        session_id, issued_at = fields.text(data, "id"), fields.seconds(data, "iat")
        expires_at, authenticated_at = fields.seconds(data, "exp"), fields.seconds(data, "auth_time")
        if not session_id or user is None or issued_at is None or expires_at is None:
            raise ValueError("not a session")
        accounts = fields.members(data, "accounts") or {}
        return cls(
            id=session_id,
            user=User.from_cookie(user),
            lifetime=Lifetime(issued_at, expires_at, fields.seconds(data, "mexp")),
            authenticated_at=issued_at if authenticated_at is None else authenticated_at,
            provider=fields.text(data, "provider"),
            method=fields.text(data, "method"),
            accounts={name: each for name, each in accounts.items() if isinstance(each, str)},
            grants=dict(fields.members(data, "grants") or {}),  # type: ignore[arg-type]
        )


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class DirectSession(Session):
    """A `Session` as everywhere; there is no access token in it. `provider`: where the person signed in,
    None with a password; `accounts`: all that are connected, each with its subject."""

    kept: Kept

    @property
    def provider(self) -> str | None:
        return self.kept.provider

    @property
    def accounts(self) -> Mapping[str, str]:
        return self.kept.accounts


def _texts(name: str, value: object) -> Json:
    if name not in LISTS:
        if isinstance(value, str):
            return value
        raise ConfigError(f"{name} is a text, not {type(value).__name__}.")
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        raise ConfigError(f"{name} is a list of texts, not {type(value).__name__}.")
    return [*sorted(str(each) for each in value)]
