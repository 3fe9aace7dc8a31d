"""The routes below /providers: what a session has at a provider, and the end of it."""

from collections.abc import Callable
from typing import Final

from vestibule.direct import provider_tokens
from vestibule.direct.api import refresh_user, revoke_tokens
from vestibule.direct.aura import pairs, replies
from vestibule.direct.aura.way import AuraWay
from vestibule.direct.ending import forget_account
from vestibule.direct.kept import DirectSession
from vestibule.errors import LoginError
from vestibule.flow import Flow
from vestibule.session.visit import Visit
from vestibule.session.way import Answer

Action = Callable[[AuraWay, Visit, DirectSession, str], Flow[Answer]]


def about_provider(way: AuraWay, visit: Visit, rest: str) -> Flow[Answer]:
    name, _, what = rest.partition("/")
    actions = {method: action for (each, method), action in ROUTES.items() if each == what}
    if not actions:
        return replies.not_found()
    action = actions.get(visit.incoming.method)
    if action is None:
        return replies.wrong_method(*actions)
    if name not in way.clients:
        return replies.unknown_provider(way)
    refused = REFUSED.get(what, {"success": False}) if visit.incoming.method == "GET" else {"success": False}
    session = yield from visit.load()
    # Reading tokens is as dangerous as changing something, and Aura's client brings the pair for both.
    if action is not connected and not pairs.fits(way, visit, session):
        return replies.data(403 if session else 401, refused)
    if not isinstance(session, DirectSession):
        return replies.data(401, refused)
    try:
        return (yield from action(way, visit, session, name))
    except LoginError as failure:
        if failure.code == "provider_tokens_missing":
            return replies.data(401, refused)
        return replies.failed(visit, failure)


def connected(way: AuraWay, visit: Visit, session: DirectSession, name: str) -> Flow[Answer]:
    yield from ()
    return replies.data(200, {"success": True, "connected": name in session.accounts})


def tokens(way: AuraWay, visit: Visit, session: DirectSession, name: str) -> Flow[Answer]:
    """Where the app lets scripts have the access token; the refresh token never."""
    if not way.settings.browser_provider_tokens:
        return replies.data(403, {"success": False, "tokens": None})
    found = yield from provider_tokens.current(way, visit, session, name)
    shown = {
        "accessToken": found.access_token,
        "expiresAt": found.expires_at,
        "tokenType": found.token_type,
        "scopes": list(found.scopes),
    }
    return replies.data(200, {"success": True, "tokens": shown})


def revoke(way: AuraWay, visit: Visit, session: DirectSession, name: str) -> Flow[Answer]:
    revoked = yield from revoke_tokens(way, visit, name)
    return replies.data(200, {"success": revoked})


def refresh(way: AuraWay, visit: Visit, session: DirectSession, name: str) -> Flow[Answer]:
    changed = yield from refresh_user(way, visit, name)
    return replies.data(200, {"success": True, "session": replies.session_of(changed.kept)})


def disconnect(way: AuraWay, visit: Visit, session: DirectSession, name: str) -> Flow[Answer]:
    """The tokens are forgotten; the account too, unless the session stands on it."""
    if name == session.provider or name not in session.accounts:
        yield from provider_tokens.forget(way, visit, session.id, name)
        return replies.data(200, {"success": True})
    return forget_account(way, visit, session, name, lambda: replies.data(200, {"success": True}))


REFUSED: Final = {"": {"success": False, "connected": False}, "tokens": {"success": False, "tokens": None}}
ROUTES: Final[dict[tuple[str, str], Action]] = {
    ("", "GET"): connected,
    ("", "DELETE"): disconnect,
    ("disconnect", "POST"): disconnect,
    ("tokens", "GET"): tokens,
    ("tokens/revoke", "POST"): revoke,
    ("user/refresh", "POST"): refresh,
}
