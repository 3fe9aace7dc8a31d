"""Opening a session: the end of every sign-in, whichever way it went."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import OAuthDenied
from vestibule.server.identity.events import NOBODY, Caller
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.models import Session
from vestibule.server.identity.people import User
from vestibule.server.identity.secrets import digest, new_token
from vestibule.server.identity.sessions import append_session_event
from vestibule.server.identity.strangers import storable
from vestibule.server.identity.tokens import (
    IdTokenRequest,
    access_claims,
    find_access,
    mint_id_token,
    not_a_member,
    sign_access_token,
)
from vestibule.server.identity.users import record_sign_in
from vestibule.server.store.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Who proved what, and for which app."""

    client_id: str
    user_id: str
    authentication_method: str
    authenticated_at: dt.datetime
    second_factor: str | None = None
    organization_id: str | None = None
    browser_session_id: str | None = None
    scope: str | None = None
    nonce: str | None = field(default=None, repr=False)
    impersonator: dict[str, str | None] | None = field(default=None, repr=False)
    ends_at: dt.datetime | None = None
    """When the session ends although the settings would let it live."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """What the token endpoint answers. `id_token` only when the scope asked for it."""

    user: User
    session: Session
    organization_id: str | None
    authentication_method: str
    impersonator: dict[str, str | None] | None
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    id_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Opened:
    """A session committed or about to be; its access token is signed after the transaction."""

    session: Session
    user: User
    nonce: str | None = field(repr=False)
    refresh_token: str = field(repr=False)
    claims: dict[str, Any] = field(repr=False)


def open_session(
    tx: Transaction,
    identity: Identity,
    sign_in: SignIn,
    *,
    caller: Caller = NOBODY,
    session_id: str | None = None,
) -> Opened:
    """Raises OAuthDenied: `organization_membership_not_found`, `token_too_big`, `invalid_grant`."""
    now = identity.now
    lives_until = now + dt.timedelta(seconds=identity.settings.session_seconds)
    session = tx.sessions.create(
        id=session_id or new_id("session", now),
        client_id=sign_in.client_id,
        user_id=sign_in.user_id,
        organization_id=sign_in.organization_id,
        browser_session_id=sign_in.browser_session_id,
        authentication_method=sign_in.authentication_method,
        second_factor=sign_in.second_factor,
        authenticated_at=sign_in.authenticated_at,
        impersonator=sign_in.impersonator,
        scope=sign_in.scope,
        ip_address=storable(caller.ip_address),
        user_agent=storable(caller.user_agent),
        expires_at=min(lives_until, sign_in.ends_at or lives_until),
        idle_at=now + dt.timedelta(seconds=identity.settings.session_idle_seconds),
        created_at=now,
        updated_at=now,
    )
    claims = _claims(tx, identity, session)
    token = new_token()
    tx.refresh_tokens.create(digest(token), session_id=session.id, generation=0, now=now)
    append_session_event(tx, identity, "session.created", session)
    user = _signed_in(tx, identity, session)
    return Opened(session, user, sign_in.nonce, token, claims)


def _signed_in(tx: Transaction, identity: Identity, session: Session) -> User:
    """Somebody else in their name leaves no mark on the user: it was not them."""
    user = tx.users.find(session.user_id) if session.impersonator is not None else None
    user = user or record_sign_in(tx, identity, session.user_id)
    if user.suspended_at is not None:  # since they proved who they are
        raise OAuthDenied("This account is suspended.", code="invalid_grant")
    return user


def _claims(tx: Transaction, identity: Identity, session: Session) -> dict[str, Any]:
    if session.organization_id is None:
        return access_claims(tx, identity, session, None)
    access = find_access(tx, session.user_id, session.organization_id)
    if access is None:
        raise not_a_member()
    return access_claims(tx, identity, session, access)


def sign_opened(identity: Identity, opened: Opened) -> Authentication:
    """Outside any transaction: signing takes a millisecond that nobody should wait for."""
    session = opened.session
    access_token = sign_access_token(identity, opened.claims)
    return Authentication(
        user=opened.user,
        session=session,
        organization_id=session.organization_id,
        authentication_method=session.authentication_method,
        impersonator=session.impersonator,
        access_token=access_token,
        refresh_token=opened.refresh_token,
        id_token=id_token_for(identity, session, opened.user, access_token=access_token, nonce=opened.nonce),
    )


def id_token_for(
    identity: Identity, session: Session, user: User, *, access_token: str, nonce: str | None = None
) -> str | None:
    if session.scope is None or "openid" not in session.scope.split():
        return None
    asked = IdTokenRequest(session.scope, nonce)
    return mint_id_token(identity, session, user, asked, access_token=access_token)
