"""What an access token says, typed; its verification is `vestibule.crypto.jwt`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from vestibule.wire import fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """Lists are empty and texts None where the token is silent. `raw` holds everything, custom claims too."""

    sub: str
    sid: str
    exp: int
    iat: int
    issuer: str | None = None
    organization_id: str | None = None
    role: str | None = None
    roles: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    entitlements: frozenset[str] = frozenset()
    feature_flags: frozenset[str] = frozenset()
    auth_time: int | None = None
    actor: str | None = None
    raw: Mapping[str, object] = field(repr=False, hash=False)

    @classmethod
    def read(cls, raw: Mapping[str, object]) -> "Claims":
        """Of a verified token: `sub` and `sid` are texts there and the times whole seconds."""
        role = fields.text(raw, "role")
        return cls(
            sub=fields.text(raw, "sub") or "",
            sid=fields.text(raw, "sid") or "",
            exp=fields.seconds(raw, "exp") or 0,
            iat=fields.seconds(raw, "iat") or 0,
            issuer=fields.text(raw, "iss"),
            organization_id=fields.text(raw, "org_id"),
            role=role,
            roles=frozenset(fields.texts(raw, "roles")) | ({role} if role else set()),
            permissions=frozenset(fields.texts(raw, "permissions")),
            entitlements=frozenset(fields.texts(raw, "entitlements")),
            feature_flags=frozenset(fields.texts(raw, "feature_flags")),
            auth_time=fields.seconds(raw, "auth_time"),
            actor=fields.text(fields.members(raw, "act") or {}, "sub"),
            raw=raw,
        )
