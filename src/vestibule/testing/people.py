"""Who has signed in at a test issuer, and with which rights."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Unpack

from vestibule.testing.rights import Rights
from vestibule.wire.models import Impersonator, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One session at the issuer. Set-like rights are sorted, so that equal grants make equal claims."""

    user: User
    session_id: str
    authenticated_at: float
    organization_id: str | None = None
    roles: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    entitlements: tuple[str, ...] = ()
    feature_flags: tuple[str, ...] = ()
    impersonator: Impersonator | None = None
    method: str = "Password"
    more: Mapping[str, object] = field(default_factory=dict)

    def claims(self) -> dict[str, object]:
        """Absent rights are left out, as a server does."""
        found: dict[str, object] = {
            "sub": self.user.id,
            "sid": self.session_id,
            "auth_time": int(self.authenticated_at),
            "org_id": self.organization_id,
            "role": self.roles[0] if self.roles else None,
            "roles": list(self.roles),
            "permissions": list(self.permissions),
            "entitlements": list(self.entitlements),
            "feature_flags": list(self.feature_flags),
            "act": {"sub": self.impersonator.email} if self.impersonator else None,
        }
        return {name: value for name, value in found.items() if value} | dict(self.more)

    def moved(self, organization_id: str | None) -> "Grant":
        return self if organization_id is None else replace(self, organization_id=organization_id)


def create_user(email: str, *, now: float, **members: object) -> User:
    """The same address is the same person in every test; `members` are fields of `User`."""
    moment = datetime.fromtimestamp(now, UTC)
    given = {
        "id": f"user_{sha256(email.encode()).hexdigest()[:26].upper()}",
        "email": email,
        "email_verified": True,
        "last_sign_in_at": moment,
        "created_at": moment,
        "updated_at": moment,
        **members,
    }
    return User(**given)  # type: ignore[arg-type]


def create_grant(user: User, *, now: float, **rights: Unpack[Rights]) -> Grant:
    role, impersonator = rights.get("role"), rights.get("impersonator")
    return Grant(
        user=user,
        session_id=f"session_{secrets.token_hex(13).upper()}",
        authenticated_at=_authenticated_at(rights, now),
        organization_id=_organization_id(rights),
        roles=(*((role,) if role else ()), *sorted(set(rights.get("roles", ())) - {role})),
        permissions=tuple(sorted(rights.get("permissions", ()))),
        entitlements=tuple(sorted(rights.get("entitlements", ()))),
        feature_flags=tuple(sorted(rights.get("feature_flags", ()))),
        impersonator=Impersonator(email=impersonator, reason="test") if impersonator else None,
        method="Impersonation" if impersonator else rights.get("authentication_method", "Password"),
        more=dict(rights.get("claims") or {}),
    )


def _organization_id(rights: Rights) -> str | None:
    if rights.get("organization") and rights.get("organization_id"):
        raise TypeError("`organization` and `organization_id` are the same thing: give one of them.")
    return rights.get("organization") or rights.get("organization_id")


def _authenticated_at(rights: Rights, now: float) -> float:
    at, ago = rights.get("authenticated_at"), rights.get("authenticated_ago")
    if at is not None and ago is not None:
        raise TypeError("`authenticated_at` and `authenticated_ago` contradict each other: give one of them.")
    if ago is not None:
        return now - (ago.total_seconds() if isinstance(ago, timedelta) else ago)
    if isinstance(at, datetime):
        return at.timestamp()
    return now if at is None else at
