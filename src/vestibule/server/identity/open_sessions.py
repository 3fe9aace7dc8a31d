"""Where somebody is signed in, as they see it: browsers, and the apps that each of them led to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import NotFound
from vestibule.server.identity.events import append
from vestibule.server.identity.models import BrowserSession, Session
from vestibule.server.identity.sessions import append_session_event, revoke_all
from vestibule.server.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class SignedInAt:
    """`browser` is None for an app that was signed in to without our pages, or outlived its browser here."""

    browser: BrowserSession | None
    apps: Sequence[Session]


def list_open(identity: Identity, user_id: str) -> Sequence[SignedInAt]:
    """Browsers first. What others opened in this person's name is not theirs to see or to end."""
    with identity.store.read() as tx:
        browsers = tx.browser_sessions.list_live(user_id, now=identity.now)
        apps = [each for each in tx.sessions.list_live(user_id, now=identity.now) if not each.impersonator]
    known = {browser.id for browser in browsers}
    return [
        *(SignedInAt(each, [app for app in apps if app.browser_session_id == each.id]) for each in browsers),
        *(SignedInAt(None, [app]) for app in apps if app.browser_session_id not in known),
    ]


def end_browser(identity: Identity, user_id: str, browser_session_id: str) -> None:
    """With every app it led to. Raises NotFound, for another user's as for one that has ended."""
    with identity.store.transaction() as tx:
        ended = tx.browser_sessions.end_of(browser_session_id, user_id=user_id, now=identity.now)
        if ended is None:
            raise NotFound.of("Session", browser_session_id)
        _close(tx, identity, [ended])
        _say_ended(tx, identity, tx.sessions.end_of_browser(ended.id, now=identity.now))


def end_app(identity: Identity, user_id: str, session_id: str) -> None:
    """Raises NotFound, for another user's as for one that has ended."""
    with identity.store.transaction() as tx:
        ended = tx.sessions.end_of(session_id, user_id=user_id, now=identity.now)
        if ended is None:
            raise NotFound.of("Session", session_id)
        _say_ended(tx, identity, [ended])


def end_elsewhere(identity: Identity, user_id: str, *, here: BrowserSession) -> None:
    with identity.store.transaction() as tx:
        end_elsewhere_in(tx, identity, user_id, here=here)


def end_elsewhere_in(tx: Transaction, identity: Identity, user_id: str, *, here: BrowserSession) -> None:
    """Everything but the browser that is asking, and sign-ins under way besides."""
    now = identity.now
    _say_ended(tx, identity, tx.sessions.end_elsewhere(user_id, browser_session_id=here.id, now=now))
    _close(tx, identity, tx.browser_sessions.end_all(user_id, now=now, but_session_id=here.id))
    tx.logins.delete_unfinished(user_id)
    tx.pending.delete_all(user_id)


def end_everywhere(identity: Identity, user_id: str) -> None:
    with identity.store.transaction() as tx:
        _say_closed(tx, identity, tx.browser_sessions.list_live(user_id, now=identity.now))
        revoke_all(tx, identity, user_id)


def _close(tx: Transaction, identity: Identity, browsers: Iterable[BrowserSession]) -> None:
    for browser in browsers:
        tx.codes.delete_unused_of_browser(browser.id)
        tx.device_codes.delete_unredeemed_of_browser(browser.id)
        _say_closed(tx, identity, [browser])


def _say_closed(tx: Transaction, identity: Identity, browsers: Iterable[BrowserSession]) -> None:
    for browser in browsers:
        data = {
            "object": "browser_session",
            "id": browser.id,
            "user_id": browser.user_id,
            "ip_address": browser.ip_address,
            "user_agent": browser.user_agent,
            "ended_at": identity.now,
            "created_at": browser.created_at,
        }
        append(tx, identity, "browser_session.revoked", data)


def _say_ended(tx: Transaction, identity: Identity, apps: Iterable[Session]) -> None:
    for app in apps:
        append_session_event(tx, identity, "session.revoked", app)
