"""What an access token says, typed; its verification is `vestibule.crypto.jwt`."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field

from vestibule.wire import fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """Lists are empty and texts None where the token is silent. `raw` has everything, custom claims too."""

    sub: str
    sid: str
    exp: int
    iat: int
    nbf: int | None = None
    issuer: str | None = None
    organization_id: str | None = None
    role: str | None = None
    roles: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    entitlements: frozenset[str] = frozenset()
    feature_flags: frozenset[str] = frozenset()
    auth_time: int | None = None
    actor: str | None = None
    _raw: Mapping[str, object] = field(repr=False, hash=False)

    @property
    def raw(self) -> dict[str, object]:
        """A copy of your own: the claims may serve other requests too."""
        return deepcopy(dict(self._raw))

    @classmethod
    def read(cls, raw: Mapping[str, object]) -> "Claims":
        """Of a verified token: `sub` and `sid` are texts there and the times whole seconds."""
        role = fields.text(raw, "role")
        return cls(
            sub=fields.text(raw, "sub") or "",
            sid=fields.text(raw, "sid") or "",
            exp=fields.seconds(raw, "exp") or 0,
            iat=fields.seconds(raw, "iat") or 0,
            nbf=fields.seconds(raw, "nbf"),
            issuer=fields.text(raw, "iss"),
            organization_id=fields.text(raw, "org_id"),
            role=role,
            roles=fields.text_set(raw, "roles") | ({role} if role else frozenset()),
            permissions=fields.text_set(raw, "permissions"),
            entitlements=fields.text_set(raw, "entitlements"),
            feature_flags=fields.text_set(raw, "feature_flags"),
            auth_time=fields.seconds(raw, "auth_time"),
            actor=fields.text(fields.members(raw, "act") or {}, "sub"),
            _raw=raw,
        )
