"""Sessions of apps: listing them, ending them, and the sign-out that ends the browser's too."""

import datetime as dt
from typing import Any, Final

from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import NotFound
from vestibule.server.identity.events import append, append_each
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.models import Session
from vestibule.server.identity.paging import Page, Slice
from vestibule.server.identity.redirect_uris import sign_out_target
from vestibule.server.identity.secrets import digest
from vestibule.server.store.transaction import Transaction

MOST_REVOKED: Final = 10_000
CLOCKS: Final = dt.timedelta(seconds=60)  # by which the app's may be behind

METHODS: Final = {
    "Password": "password",
    "MagicAuth": "magic_code",
    "Passkey": "passkey",
    "SSO": "sso",
    "Impersonation": "impersonation",
}


def get_session(identity: Identity, session_id: str) -> Session:
    with identity.store.read() as tx:
        found = tx.sessions.find(session_id)
    if found is None:
        raise NotFound.of("Session", session_id)
    return found


def list_sessions(identity: Identity, user_id: str, page: Page) -> Slice[Session]:
    """Ended ones too. Raises NotFound for an unknown user."""
    with identity.store.read() as tx:
        if tx.users.find(user_id) is None:
            raise NotFound.of("User", user_id)
        return tx.sessions.list(page, user_id=user_id)


def revoke_session(identity: Identity, session_id: str) -> Session:
    """Ends it; ending an ended one changes nothing. Raises NotFound."""
    with identity.store.transaction() as tx:
        end_session(tx, identity, session_id)
        found = tx.sessions.find(session_id)
    if found is None:
        raise NotFound.of("Session", session_id)
    return found


def list_revoked(identity: Identity) -> tuple[list[str], bool]:
    """The sessions that have ended within the life of an access token, and whether that is all of them.

    By their events: a session that went with its user is in no table any more.
    """
    since = identity.now - dt.timedelta(seconds=identity.settings.access_token_seconds) - CLOCKS
    with identity.store.read() as tx:
        first_id = new_id("event", since, entropy=lambda bits: 0)
        found = tx.events.list_from(first_id, event="session.revoked", limit=MOST_REVOKED + 1)
    return [str(event.data["id"]) for event in found[:MOST_REVOKED]], len(found) <= MOST_REVOKED


def has_live_session(identity: Identity, refresh_token: str) -> bool:
    """Used tokens too: they say which session it is, and that is asked here."""
    with identity.store.read() as tx:
        found = tx.sessions.find_by_token(digest(refresh_token))
    return found is not None and found.status(identity.now) == "active"


def logout(identity: Identity, session_id: str, return_to: str | None = None) -> str | None:
    """Ends the session and the browser's session it came from. Where to go next, None when no setting says.

    An unknown session is no error: the answer tells nobody whether it existed.
    """
    with identity.store.transaction() as tx:
        ended = end_session(tx, identity, session_id)
        if ended is not None and ended.browser_session_id is not None:
            tx.browser_sessions.end_by_id(ended.browser_session_id, now=identity.now)
            tx.codes.delete_unused_of_browser(ended.browser_session_id)
            tx.device_codes.delete_unredeemed_of_browser(ended.browser_session_id)
    return sign_out_target(identity, return_to)


def sign_out_browser(identity: Identity, browser_token: str | None) -> None:
    """Ends the browser's session, and those of every app that came from it."""
    if not browser_token:
        return
    with identity.store.transaction() as tx:
        browser = tx.browser_sessions.end(digest(browser_token), now=identity.now)
        if browser is None:
            return
        for ended in tx.sessions.end_of_browser(browser.id, now=identity.now):
            append_session_event(tx, identity, "session.revoked", ended)
        tx.codes.delete_unused_of_browser(browser.id)
        tx.device_codes.delete_unredeemed_of_browser(browser.id)


def revoke_all(
    tx: Transaction, identity: Identity, user_id: str, *, but_session_id: str | None = None
) -> int:
    """Inside the caller's transaction: all the user's sessions, in apps and here, and sign-ins under way.

    `but_session_id` survives: the session in which a password was changed.
    """
    now = identity.now
    ended = tx.sessions.end_all(user_id, now=now, but_session_id=but_session_id)
    append_each(
        tx,
        identity,
        "session.revoked",
        ((session_data(identity, session), session.organization_id) for session in ended),
    )
    tx.browser_sessions.end_all(user_id, now=now)
    tx.codes.delete_unused(user_id)
    tx.device_codes.delete_unredeemed(user_id)
    tx.logins.delete_unfinished(user_id)
    tx.pending.delete_all(user_id)
    return len(ended)


def end_session(tx: Transaction, identity: Identity, session_id: str) -> Session | None:
    """None when there is none, or it had ended before."""
    ended = tx.sessions.end(session_id, now=identity.now)
    if ended is not None:
        append_session_event(tx, identity, "session.revoked", ended)
    return ended


def append_session_event(tx: Transaction, identity: Identity, event: str, session: Session) -> None:
    append(tx, identity, event, session_data(identity, session), organization_id=session.organization_id)


def session_data(identity: Identity, session: Session) -> dict[str, Any]:
    """The session as events carry it."""
    data: dict[str, Any] = {
        "object": "session",
        "id": session.id,
        "user_id": session.user_id,
        "auth_method": METHODS.get(session.authentication_method, "unknown"),
        "status": session.status(identity.now),
        "ip_address": session.ip_address,
        "user_agent": session.user_agent,
        "expires_at": session.expires_at,
        "ended_at": session.ended_at,
        "created_at": session.created_at,
        "updated_at": session.updated_at,
    }
    if session.organization_id is not None:
        data["organization_id"] = session.organization_id
    if session.impersonator is not None:
        data["impersonator"] = session.impersonator
    return data
