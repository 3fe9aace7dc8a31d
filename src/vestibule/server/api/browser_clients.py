"""Apps that are nothing but pages at the token endpoint: their refresh token comes and goes in a cookie."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from vestibule.cookies import SetCookie
from vestibule.server import browser_tokens
from vestibule.server.answers import Answer, refusal
from vestibule.server.api.operation import Call
from vestibule.server.identity.cors_origins import is_allowed_origin, registered_origins
from vestibule.server.identity.environment import get_client_id
from vestibule.server.identity.errors import OAuthDenied
from vestibule.server.identity.opening import Authentication
from vestibule.server.identity.sessions import has_live_session


def kept_token(call: Call[Any]) -> str | None:
    """The refresh token of the cookie. Raises OAuthDenied unless a page of a registered origin asks.

    A browser adds the cookie to whatever asks for it; who asked is what it says in `Origin`, which no page
    can change.
    """
    token = browser_tokens.kept_token(call.cookies, call.identity.settings)
    if token is not None and not _is_page(call):
        raise OAuthDenied(
            "A session kept in a cookie is for pages of registered origins: register this one.",
            code="invalid_request",
        )
    if token is None and browser_tokens.MARKER in call.cookies and _is_page(call):
        raise OAuthDenied("This browser keeps no session any more.", code="invalid_grant")
    return token


def keeps(call: Call[Any]) -> bool:
    """Whether the refresh token goes into a cookie: for a page without a secret that lets cookies come along.

    The official client does so in production; in development it leaves them out, and reads the answer.
    """
    body = call.body
    if body.client_secret or body.refresh_token or not _is_page(call):
        return False
    return browser_tokens.brings_cookies(call.cookies, call.identity.settings)


def keep(call: Call[Any], done: Authentication) -> Sequence[SetCookie]:
    session = done.session
    ends = min(end for end in (session.expires_at, session.idle_at) if end is not None)
    return browser_tokens.keep(
        done.refresh_token,
        settings=call.identity.settings,
        client_id=session.client_id,
        origin=call.origin or "",
        seconds=int((ends - call.identity.now).total_seconds()),
        cookies=call.cookies,
    )


def refuse(call: Call[Any], error: OAuthDenied) -> Answer:
    """With both cookies removed when they are of no use any more, so that no page asks in vain again.

    A refusal alone does not say so: another tab may have been faster, and its cookie is good.
    """
    token = browser_tokens.kept_token(call.cookies, call.identity.settings)
    gone: Sequence[SetCookie] = ()
    if _is_page(call) and not (token and has_live_session(call.identity, token)):
        gone = browser_tokens.forget(
            settings=call.identity.settings,
            client_id=get_client_id(call.identity),
            origins=[*registered_origins(call.identity), call.origin or ""],
            cookies=call.cookies,
        )
    return replace(refusal(error), cookies=gone)


def _is_page(call: Call[Any]) -> bool:
    return call.origin is not None and is_allowed_origin(call.identity, call.origin)
