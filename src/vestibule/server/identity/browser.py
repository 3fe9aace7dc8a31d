"""The browser's own session at this server: silent sign-in, `max_age` and sign-out stand on it."""

import datetime as dt

from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Denied
from vestibule.server.identity.events import NOBODY, Caller
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.models import BrowserSession
from vestibule.server.identity.secrets import digest, new_token
from vestibule.server.identity.strangers import storable
from vestibule.server.identity.suspending import check_not_suspended
from vestibule.server.languages import mark
from vestibule.server.store.transaction import Transaction

SEEN_IS_NOTED_EVERY = dt.timedelta(minutes=10)


def begin_browser_session(
    identity: Identity, *, user_id: str, authentication_method: str, caller: Caller = NOBODY
) -> tuple[BrowserSession, str]:
    """And the token for its cookie: always a new one, so none known before is worth anything."""
    with identity.store.transaction() as tx:
        return begin_in(
            tx, identity, user_id=user_id, authentication_method=authentication_method, caller=caller
        )


def begin_in(
    tx: Transaction,
    identity: Identity,
    *,
    user_id: str,
    authentication_method: str,
    caller: Caller,
    second_factor: str | None = None,
) -> tuple[BrowserSession, str]:
    now, token = identity.now, new_token()
    user = tx.users.lock(user_id)  # held, so that a suspension comes before this session or ends it
    if user is not None:
        check_not_suspended(user)
    session = tx.browser_sessions.create(
        id=new_id("browser_session", now),
        token_hash=digest(token),
        user_id=user_id,
        authentication_method=authentication_method,
        second_factor=second_factor,
        authenticated_at=now,
        ip_address=storable(caller.ip_address),
        user_agent=storable(caller.user_agent),
        last_seen_at=now,
        expires_at=now + dt.timedelta(seconds=identity.settings.browser_session_seconds),
        created_at=now,
    )
    return session, token


def strengthen_in(
    tx: Transaction, identity: Identity, session: BrowserSession, second_factor: str | None
) -> tuple[BrowserSession, str | None]:
    """The session after a second factor was shown, and its new token; as it is when none was.

    When it began stays as it was: whoever asks for a recent sign-in means the first factor, too.
    """
    if second_factor is None:
        return session, None
    token = new_token()
    stronger = tx.browser_sessions.strengthen(
        session.id, token_hash=digest(token), second_factor=second_factor, now=identity.now
    )
    if stronger is None:
        raise Denied(mark("You have signed out in the meantime."), code="login_incomplete")
    return stronger, token


def strengthen(identity: Identity, session: BrowserSession, second_factor: str) -> str:
    """For somebody who has just set up what they showed: the token to go on with. Raises Denied."""
    with identity.store.transaction() as tx:
        _, token = strengthen_in(tx, identity, session, second_factor)
    return str(token)


def find_browser_session(identity: Identity, token: str | None) -> BrowserSession | None:
    """None for one that ended or expired."""
    if not token:
        return None
    now = identity.now
    with identity.store.read() as tx:
        found = tx.browser_sessions.find_live(digest(token), now=now)
    if found is not None and now - found.last_seen_at >= SEEN_IS_NOTED_EVERY:
        with identity.store.transaction() as tx:
            tx.browser_sessions.record_seen(found.id, now=now)
    return found


def end_browser_session(identity: Identity, token: str | None) -> BrowserSession | None:
    """Sessions that apps hold go on; sign-ins under way do not."""
    if not token:
        return None
    with identity.store.transaction() as tx:
        ended = tx.browser_sessions.end(digest(token), now=identity.now)
        if ended is not None:
            tx.codes.delete_unused_of_browser(ended.id)
            tx.device_codes.delete_unredeemed_of_browser(ended.id)
    return ended
