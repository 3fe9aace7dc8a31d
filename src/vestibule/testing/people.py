"""Who has signed in at a test issuer, and with which rights."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256

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


def create_grant(
    user: User,
    *,
    now: float,
    organization_id: str | None = None,
    role: str | None = None,
    roles: Iterable[str] = (),
    permissions: Iterable[str] = (),
    entitlements: Iterable[str] = (),
    feature_flags: Iterable[str] = (),
    impersonator: str | None = None,
    authenticated_at: float | None = None,
    claims: Mapping[str, object] | None = None,
) -> Grant:
    return Grant(
        user=user,
        session_id=f"session_{secrets.token_hex(13).upper()}",
        authenticated_at=now if authenticated_at is None else authenticated_at,
        organization_id=organization_id,
        roles=(*((role,) if role else ()), *sorted(set(roles) - {role})),
        permissions=tuple(sorted(permissions)),
        entitlements=tuple(sorted(entitlements)),
        feature_flags=tuple(sorted(feature_flags)),
        impersonator=Impersonator(email=impersonator, reason="test") if impersonator else None,
        method="Impersonation" if impersonator else "Password",
        more=dict(claims or {}),
    )
