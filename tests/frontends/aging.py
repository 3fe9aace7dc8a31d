"""Making time pass for one session, without waiting for it."""

import datetime as dt
import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from playwright.sync_api import Page
from sqlalchemy import update

from vestibule.crypto.encoding import b64url_decode
from vestibule.crypto.seal import seal, unseal
from vestibule.crypto.signing import sign
from vestibule.server.identity.keys import current_key
from vestibule.server.store.schema.signing_in import browser_sessions, sessions

if TYPE_CHECKING:
    from tests.frontends.example import World

COOKIE = "wos-session"
LONG_AGO = dt.timedelta(hours=2)


def session_cookie(page: Page) -> dict[str, Any] | None:
    found = [dict(each) for each in page.context.cookies() if each.get("name") == COOKIE]
    assert len(found) < 2, "one session cookie, not one for each domain"
    return found[0] if found else None


def payload(page: Page) -> dict[str, Any]:
    """What is sealed in the browser's cookie."""
    from tests.frontends.example import COOKIE_PASSWORD

    cookie = session_cookie(page)
    assert cookie is not None, "nobody is signed in"
    opened = unseal(unquote(cookie["value"]), COOKIE_PASSWORD)
    assert isinstance(opened, dict)
    return opened


def claims(token: str) -> dict[str, Any]:
    return dict(json.loads(b64url_decode(token.split(".")[1])))


def ended(token: str, world: "World") -> str:
    """The same access token, which ended a moment ago."""
    signer = current_key(world.running.identity)
    return sign(claims(token) | {"exp": int(time.time()) - 5}, signer.key, kid=signer.kid)


def expire(page: Page, world: "World") -> None:
    """The access token in the cookie ended a moment ago; the refresh token is as good as before."""
    from tests.frontends.example import COOKIE_PASSWORD

    cookie, inside = session_cookie(page), payload(page)
    assert cookie is not None
    inside["accessToken"] = ended(inside["accessToken"], world)
    page.context.add_cookies([cookie | {"value": seal(inside, COOKIE_PASSWORD)}])  # type: ignore[list-item]


def prove_long_ago(page: Page, world: "World") -> None:
    """Everybody's last proof of who they are was two hours ago, for the server and so for the next token."""
    store = world.running.identity.store
    with store.transaction() as tx:
        for table in (sessions, browser_sessions):
            moment = world.running.identity.now - LONG_AGO
            tx.connection.execute(update(table).values(authenticated_at=moment))
    world.pages.expire(page, world)
