"""What the rules about people return: users, codes and links, as the API shows them."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from vestibule.server.store.identities import ProviderIdentity
from vestibule.server.store.users import User

__all__ = ["EmailVerification", "PasswordReset", "ProviderIdentity", "User", "user_data"]


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
