"""Access tokens and ID tokens: what they claim, how large they may be, and their signature."""

import base64
import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from vestibule.crypto.signing import sign
from vestibule.server.identity.applications import foreign_application
from vestibule.server.identity.assurance import TWO_FACTORS, acr_of
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import OAuthDenied
from vestibule.server.identity.ids import ulid
from vestibule.server.identity.jwt_template import template_claims
from vestibule.server.identity.keys import current_key
from vestibule.server.identity.models import Membership, Session
from vestibule.server.identity.people import User
from vestibule.server.store.transaction import Transaction

MAX_ACCESS_TOKEN: Final = 2_200  # a sealed session, and so this inside it, must fit into one cookie
HEADER_AND_SIGNATURE: Final = 112 + 342 + 2  # RS256 with a 2,048-bit key, and the dots


NOT_FOR_OTHERS: Final = frozenset({"role", "roles", "entitlements", "feature_flags"})
METHODS: Final = {
    "Password": "pwd",
    "MagicAuth": "otp",
    "Passkey": "pop",
    "totp": "otp",
    "recovery_code": "otp",
    "passkey": "pop",
}


@dataclass(frozen=True, slots=True)
class Access:
    """What a session may do in its organization, as far as tokens say it."""

    organization_id: str
    role: str
    roles: tuple[str, ...]
    permissions: tuple[str, ...]
    entitlements: tuple[str, ...] = ()


def find_access(tx: Transaction, user_id: str, organization_id: str) -> Access | None:
    """None unless the membership is active."""
    if "\x00" in organization_id:  # PostgreSQL refuses to look for it
        return None
    found = tx.memberships.find_active(user_id, organization_id)
    if found is None:
        return None
    membership, entitlements = found
    return Access(
        organization_id,
        membership.role,
        tuple(membership.roles),
        _permissions(tx, membership),
        tuple(entitlements),
    )


def not_a_member() -> OAuthDenied:
    """The same for organizations that do not exist: the answer does not say which do."""
    return OAuthDenied(
        "The user has no active membership in this organization.", code="organization_membership_not_found"
    )


def _permissions(tx: Transaction, membership: Membership) -> tuple[str, ...]:
    """An organization's own role takes the place of the environment's of the same slug."""
    meant = {}
    for role in tx.roles.list_slugs(membership.roles, organization_id=membership.organization_id):
        if role.organization_id is not None or role.slug not in meant:
            meant[role.slug] = role.permissions
    return tuple(sorted({permission for permissions in meant.values() for permission in permissions}))


def access_claims(
    tx: Transaction, identity: Identity, session: Session, access: Access | None
) -> dict[str, Any]:
    """Raises OAuthDenied `token_too_big`. Absent claims are left out, never null."""
    if foreign_application(tx, identity, session.client_id) is not None:
        claims = granted_claims(tx, identity, session, access)
    else:
        claims = plain_claims(tx, identity, session, access) | template_claims(tx, identity, session)
    _check_size(claims)
    return claims


def granted_claims(
    tx: Transaction, identity: Identity, session: Session, access: Access | None
) -> dict[str, Any]:
    """For an application of others: who and where, and of the permissions those it was granted."""
    claims = plain_claims(tx, identity, session, access)
    granted = set((session.scope or "").split())
    permissions = [each for each in claims.pop("permissions", ()) if each in granted]
    kept = {name: value for name, value in claims.items() if name not in NOT_FOR_OTHERS}
    return kept | ({"permissions": permissions} if permissions else {})


def plain_claims(
    tx: Transaction, identity: Identity, session: Session, access: Access | None
) -> dict[str, Any]:
    """Without what a template says."""
    now = identity.now
    lifetime = dt.timedelta(seconds=identity.settings.access_token_seconds)
    claims: dict[str, Any] = {
        "iss": identity.settings.public_url,
        "sub": session.user_id,
        "aud": session.client_id,
        "client_id": session.client_id,
        "sid": session.id,
        "jti": ulid(now),
        "iat": int(now.timestamp()),
        "exp": int(min(now + lifetime, session.expires_at).timestamp()),
        "auth_time": int(session.authenticated_at.timestamp()),
    }
    if acr_of(session) == TWO_FACTORS:  # one factor is what every session has: its bytes are for the cookie
        claims["acr"] = TWO_FACTORS
    if session.scope is not None:
        claims["scope"] = session.scope
    if access is not None:
        claims |= {
            "org_id": access.organization_id,
            "role": access.role,
            "roles": list(access.roles),
        }
        if access.permissions:  # clients take an array that is there for one that says something
            claims["permissions"] = list(access.permissions)
        if access.entitlements:
            claims["entitlements"] = list(access.entitlements)
    if session.impersonator is not None:
        claims["act"] = {"sub": session.impersonator["email"]}
    flags = tx.flags.list_slugs(session.user_id, organization_id=session.organization_id)
    if flags:
        claims["feature_flags"] = list(flags)
    return claims


def size_of(claims: Mapping[str, Any]) -> int:
    """Of the token, in bytes, before it is signed."""
    return len(json.dumps(claims, separators=(",", ":"))) * 4 // 3 + HEADER_AND_SIGNATURE


def _check_size(claims: Mapping[str, Any]) -> None:
    size = size_of(claims)
    if size > MAX_ACCESS_TOKEN:
        raise OAuthDenied(
            f"The access token would have {size} bytes, more than the {MAX_ACCESS_TOKEN} that fit into a "
            "session: give the user's roles fewer permissions, or the JWT template fewer claims.",
            code="token_too_big",
        )


def sign_access_token(identity: Identity, claims: Mapping[str, Any]) -> str:
    signer = current_key(identity)
    return sign(claims, signer.key, kid=signer.kid)


@dataclass(frozen=True, slots=True)
class IdTokenRequest:
    """What the authorize request asked of the ID token (OpenID Connect Core §3.1.2.1)."""

    scope: str
    nonce: str | None = field(default=None, repr=False)


def mint_id_token(
    identity: Identity, session: Session, user: User, asked: IdTokenRequest, *, access_token: str
) -> str:
    now = int(identity.now.timestamp())
    claims: dict[str, Any] = {
        "iss": identity.settings.public_url,
        "sub": user.id,
        "aud": session.client_id,
        "sid": session.id,
        "iat": now,
        "exp": now + identity.settings.access_token_seconds,
        "auth_time": int(session.authenticated_at.timestamp()),
        "at_hash": _half_hash(access_token),
    }
    said = {"amr": _methods(session), "acr": acr_of(session)}
    claims |= {name: value for name, value in said.items() if value}
    if asked.nonce is not None:
        claims["nonce"] = asked.nonce
    signer = current_key(identity)
    return sign(claims | user_claims(user, asked.scope), signer.key, kid=signer.kid, typ="JWT")


def _methods(session: Session) -> list[str]:
    """RFC 8176. `mfa` where two things were shown, be it by one passkey that asked for a PIN."""
    shown = [
        METHODS[name] for name in (session.authentication_method, session.second_factor) if name in METHODS
    ]
    several = ["mfa"] if session.second_factor else []
    return [*dict.fromkeys(shown), *several]


def user_claims(user: User, scope: str) -> dict[str, Any]:
    """The standard claims that the scope grants (OpenID Connect Core §5.4)."""
    granted = scope.split()
    claims: dict[str, Any] = {}
    if "email" in granted:
        claims |= {"email": user.email, "email_verified": user.email_verified}
    if "profile" in granted:
        profile = {
            "name": user.name or " ".join(part for part in (user.first_name, user.last_name) if part),
            "given_name": user.first_name,
            "family_name": user.last_name,
            "picture": user.profile_picture_url,
            "locale": user.locale,
            "updated_at": int(user.updated_at.timestamp()),
        }
        claims |= {name: value for name, value in profile.items() if value}
    return claims


def _half_hash(token: str) -> str:
    """OpenID Connect Core §3.1.3.6."""
    half = hashlib.sha256(token.encode("ascii")).digest()[:16]
    return base64.urlsafe_b64encode(half).decode("ascii").rstrip("=")
