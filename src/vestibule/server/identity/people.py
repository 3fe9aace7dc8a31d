"""What the rules about people return: users, codes and links, as the API shows them."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from vestibule.server.identity.context import Identity
from vestibule.server.identity.secrets import open_at_rest
from vestibule.server.store.identities import ProviderIdentity
from vestibule.server.store.invitations import StoredInvitation
from vestibule.server.store.users import Taken, User

__all__ = [
    "EmailVerification",
    "Invitation",
    "MagicAuth",
    "PasswordReset",
    "ProviderIdentity",
    "Taken",
    "User",
    "invitation_data",
    "shown_invitation",
    "user_data",
]


@dataclass(frozen=True, slots=True)
class EmailVerification:
    """A code on its way to an address, for those who mail it themselves."""

    id: str
    user_id: str
    email: str
    expires_at: dt.datetime
    created_at: dt.datetime
    updated_at: dt.datetime
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PasswordReset:
    """A link on its way to an address; the token inside is good once."""

    id: str
    user_id: str
    email: str
    expires_at: dt.datetime
    created_at: dt.datetime
    password_reset_token: str = field(repr=False)
    password_reset_url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MagicAuth:
    """A code to sign in with on its way to an address."""

    id: str
    user_id: str
    email: str
    expires_at: dt.datetime
    created_at: dt.datetime
    updated_at: dt.datetime
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Invitation:
    """`state` is pending, accepted, expired or revoked, as of when it was looked at."""

    id: str
    email: str
    state: str
    accepted_at: dt.datetime | None
    revoked_at: dt.datetime | None
    expires_at: dt.datetime
    organization_id: str | None
    inviter_user_id: str | None
    accepted_user_id: str | None
    role_slug: str | None
    created_at: dt.datetime
    updated_at: dt.datetime
    token: str = field(repr=False)
    accept_invitation_url: str = field(repr=False)


def shown_invitation(identity: Identity, stored: StoredInvitation) -> Invitation:
    token = open_at_rest(stored.token_sealed, identity.settings.secret)
    url = f"{identity.settings.public_url}/invite?invitation_token={token}"
    return Invitation(**_kept(identity, stored), token=token, accept_invitation_url=url)


def invitation_data(identity: Identity, stored: StoredInvitation) -> dict[str, Any]:
    """The invitation as events carry it: without its token."""
    return {"object": "invitation", **_kept(identity, stored)}


def _kept(identity: Identity, stored: StoredInvitation) -> dict[str, Any]:
    return {
        "id": stored.id,
        "email": stored.email,
        "state": stored.state(identity.now),
        "accepted_at": stored.accepted_at,
        "revoked_at": stored.revoked_at,
        "expires_at": stored.expires_at,
        "organization_id": stored.organization_id,
        "inviter_user_id": stored.inviter_user_id,
        "accepted_user_id": stored.accepted_user_id,
        "role_slug": stored.role_slug,
        "created_at": stored.created_at,
        "updated_at": stored.updated_at,
    }


def user_data(user: User) -> dict[str, Any]:
    """The user as events carry it."""
    return {
        "object": "user",
        "id": user.id,
        "email": user.email,
        "email_verified": user.email_verified,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "name": user.name,
        "profile_picture_url": user.profile_picture_url,
        "locale": user.locale,
        "external_id": user.external_id,
        "metadata": dict(user.metadata),
        "last_sign_in_at": user.last_sign_in_at,
        "created_at": user.created_at,
        "updated_at": user.updated_at,
    }
