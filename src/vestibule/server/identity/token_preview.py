"""The access token somebody would get with a JWT template that nobody has saved yet."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import get_client_id
from vestibule.server.identity.jwt_template import draft_claims
from vestibule.server.identity.models import Session
from vestibule.server.identity.people import User
from vestibule.server.identity.tokens import (
    MAX_ACCESS_TOKEN,
    find_access,
    not_a_member,
    plain_claims,
    size_of,
)

EXAMPLE: Final = "session_example"


@dataclass(frozen=True, slots=True)
class TokenPreview:
    claims: Mapping[str, Any]
    added: frozenset[str]
    """Those that the template says."""
    size: int
    most: int = MAX_ACCESS_TOKEN

    @property
    def fits(self) -> bool:
        return self.size <= self.most


def preview_token(
    identity: Identity, content: str, *, user: User, organization_id: str | None
) -> TokenPreview:
    """Raises Invalid for the template, and OAuthDenied for who is no member, or for too many claims."""
    session = _example(identity, user.id, organization_id)
    with identity.store.read() as tx:
        access = None if organization_id is None else find_access(tx, user.id, organization_id)
        if organization_id is not None and access is None:
            raise not_a_member()
        added = draft_claims(tx, content, session) if content.strip() else {}
        claims = plain_claims(tx, identity, session, access) | added
    return TokenPreview(claims, frozenset(added), size_of(claims))


def _example(identity: Identity, user_id: str, organization_id: str | None) -> Session:
    now = identity.now
    return Session(
        id=EXAMPLE,
        client_id=get_client_id(identity),
        user_id=user_id,
        organization_id=organization_id,
        browser_session_id=None,
        authentication_method="Password",
        authenticated_at=now,
        impersonator=None,
        scope=None,
        ip_address=None,
        user_agent=None,
        expires_at=now + dt.timedelta(days=1),
        idle_at=None,
        ended_at=None,
        created_at=now,
        updated_at=now,
    )
