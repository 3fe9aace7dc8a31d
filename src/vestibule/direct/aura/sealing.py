"""A session of ours as one of Aura's tokens, and one of Aura's as a session of ours."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from vestibule.crypto.encoding import b64url_encode
from vestibule.crypto.strict_json import Json
from vestibule.direct.aura.identity import EMAIL, identity_of
from vestibule.direct.aura.tokens import ID_LENGTH, OF_SESSIONS, AuraTokens
from vestibule.direct.expiry import Lifetime
from vestibule.direct.kept import Kept
from vestibule.errors import TokenError
from vestibule.wire import fields
from vestibule.wire.models import User

# What Aura has no word for. Its own code reads such a token, shows nothing of this, and drops it should it
# ever write the session again.
OURS: Final = "vst"
# Of our user, what Aura's four fields say already.
SAID: Final = frozenset({"object", "id", "email", "name", "profilePictureUrl"})


@dataclass(frozen=True, slots=True)
class AuraSessions:
    """A `SessionCodec`."""

    tokens: AuraTokens

    def seal(self, kept: Kept) -> str:
        life = kept.lifetime
        claims: dict[str, Json] = dict(identity_of_kept(kept))
        claims |= {"iat": life.issued_at, "nbf": life.issued_at, "exp": life.expires_at}
        # A session that is never extended ends with `exp`.
        if life.ends_at is not None:
            claims["mexp"] = life.ends_at
        claims |= {"jti": b64url_encode(self.tokens.entropy(ID_LENGTH)), OURS: _ours(kept)}
        return self.tokens.write(claims, now=life.issued_at)

    def open(self, value: str, *, now: float) -> Kept | None:
        try:
            claims = self.tokens.read(value, now=now, needed=OF_SESSIONS)
        except TokenError as error:
            if error.code != "token_expired":
                return None
            # It has been genuine, and its lifetime says that it is over.
            claims = self.tokens.read(value, now=now, needed=OF_SESSIONS, ended=True)
        return kept_of_claims(claims)


def identity_of_kept(kept: Kept) -> dict[str, Json]:
    """In Aura's order; what is not known is left out, and an address that Aura would refuse the whole session
    for. `sub` is the provider's own id, as Aura writes it, or the app's own where it granted one."""
    user = kept.user
    given: dict[str, Json] = {
        "sub": _subject(kept),
        "name": user.name,
        "image": user.profile_picture_url,
        "email": user.email if EMAIL.fullmatch(user.email) else None,
    }
    return {name: value for name, value in given.items() if value is not None}


def kept_of_claims(claims: Mapping[str, Json]) -> Kept | None:
    """None for what Aura would show nobody either."""
    identity = identity_of(claims)
    if identity is None:
        return None
    ours = fields.members(claims, OURS) or {}
    subject, provider = str(identity["sub"]), fields.text(ours, "provider")
    known = fields.members(ours, "accounts") or {}
    accounts = {name: each for name, each in known.items() if isinstance(each, str)}
    issued_at, expires_at = int(str(claims["iat"])), int(str(claims["exp"]))
    return Kept(
        # Aura gives each writing of a session another `jti`, so ours keeps its id beside it.
        id=fields.text(ours, "sid") or str(claims["jti"]),
        user=_user(identity, _named(subject, provider, accounts), fields.members(ours, "user") or {}),
        lifetime=Lifetime(issued_at, expires_at, fields.seconds(claims, "mexp")),
        authenticated_at=fields.seconds(ours, "auth_time") or issued_at,
        provider=provider,
        method=fields.text(ours, "method"),
        accounts=accounts,
        grants=dict(fields.members(ours, "grants") or {}),  # type: ignore[arg-type]
    )


def _subject(kept: Kept) -> str:
    subject = kept.accounts.get(kept.provider or "")
    return subject if subject is not None and kept.user.id == f"{kept.provider}:{subject}" else kept.user.id


def _named(subject: str, provider: str | None, accounts: Mapping[str, str]) -> str:
    """Two providers count from one, and Aura does not say whose id it is; we do, wherever we know."""
    return f"{provider}:{subject}" if provider and accounts.get(provider) == subject else subject


def _user(identity: Mapping[str, Json], user_id: str, more: Mapping[str, object]) -> User:
    user = User.from_cookie({**more, "id": user_id})
    return replace(
        user,
        email=fields.text(identity, "email") or user.email,
        name=fields.text(identity, "name"),
        profile_picture_url=fields.text(identity, "image"),
    )


def _ours(kept: Kept) -> dict[str, Json]:
    user = {name: value for name, value in kept.user.to_cookie().items() if value and name not in SAID}
    if kept.user.email and EMAIL.fullmatch(kept.user.email) is None:
        user["email"] = kept.user.email
    members: dict[str, object] = {
        "sid": kept.id,
        "auth_time": kept.authenticated_at,
        "provider": kept.provider,
        "method": kept.method,
        "accounts": dict(kept.accounts),
        "grants": dict(kept.grants),
        "user": user,
    }
    return {name: value for name, value in members.items() if value}  # type: ignore[misc]
