"""What an access token says, typed; its verification is `vestibule.crypto.jwt`."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field

from vestibule.wire import fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """Lists are empty and texts None where the token is silent. `raw` has everything, custom claims too.

    What every request needs is read at once, the rest when it is asked for.
    """

    sub: str
    sid: str
    exp: int
    iat: int
    nbf: int | None = None
    _raw: Mapping[str, object] = field(repr=False, hash=False)

    @classmethod
    def read(cls, raw: Mapping[str, object]) -> "Claims":
        """Of a verified token: `sub` and `sid` are texts there and the times whole seconds."""
        return cls(
            sub=fields.text(raw, "sub") or "",
            sid=fields.text(raw, "sid") or "",
            exp=fields.seconds(raw, "exp") or 0,
            iat=fields.seconds(raw, "iat") or 0,
            nbf=fields.seconds(raw, "nbf"),
            _raw=raw,
        )

    @property
    def raw(self) -> dict[str, object]:
        """A copy of your own: the claims may serve other requests too."""
        return deepcopy(dict(self._raw))

    @property
    def issuer(self) -> str | None:
        return fields.text(self._raw, "iss")

    @property
    def organization_id(self) -> str | None:
        return fields.text(self._raw, "org_id")

    @property
    def role(self) -> str | None:
        return fields.text(self._raw, "role")

    @property
    def roles(self) -> frozenset[str]:
        """The primary one among them."""
        role = self.role
        return fields.text_set(self._raw, "roles") | ({role} if role else frozenset())

    @property
    def permissions(self) -> frozenset[str]:
        return fields.text_set(self._raw, "permissions")

    @property
    def entitlements(self) -> frozenset[str]:
        return fields.text_set(self._raw, "entitlements")

    @property
    def feature_flags(self) -> frozenset[str]:
        return fields.text_set(self._raw, "feature_flags")

    @property
    def auth_time(self) -> int | None:
        return fields.seconds(self._raw, "auth_time")

    @property
    def actor(self) -> str | None:
        return fields.text(fields.members(self._raw, "act") or {}, "sub")
