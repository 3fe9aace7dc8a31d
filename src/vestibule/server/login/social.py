"""To a provider and back: GitHub, Google and whatever else the settings name."""

from typing import Final
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from vestibule.cookies import SetCookie, is_secure, parse_cookies
from vestibule.errors import LoginError, Unreachable
from vestibule.oauth import Client, Transaction
from vestibule.oauth.transaction import cookie_name, open_transaction, transaction_cookie
from vestibule.server.identity import social
from vestibule.server.identity.errors import Denied
from vestibule.server.identity.provider_names import name_of
from vestibule.server.login import refusals, steps
from vestibule.server.visitor import SEE_OTHER, NotStarted, Visitor

PASSED_ON: Final = ("state", "code", "iss", "error", "error_description")
LONGEST: Final = 4_096


def begin(visitor: Visitor) -> Response:
    login = visitor.login()
    client = _client(visitor)
    if client not in social.offered(visitor.identity, steps.allowed_methods(visitor, login)):
        return refusals.method_not_allowed(visitor)
    if visitor.request.method == "HEAD" or "prefetch" in visitor.request.headers.get("sec-purpose", ""):
        return Response(status_code=204)  # nobody has asked yet
    try:
        beginning = social.begin(
            visitor.identity, client, login_token=login.token, hint=steps.hinted_email(login)
        )
    except (LoginError, Unreachable):
        return _back(visitor, client, social.FAILED)
    response = RedirectResponse(beginning.url, SEE_OTHER)
    _set(response, transaction_cookie(beginning.transaction, social.sealer(visitor.identity)))
    return response


def callback(visitor: Visitor) -> Response:
    """Where the provider sends the browser. Whose sign-in it is, the cookie knows; from here on it has the
    address of that sign-in, like all its other pages."""
    client, transaction = _client(visitor), _transaction(visitor)
    given = visitor.request.query_params
    params = {name: given[name][:LONGEST] for name in PASSED_ON if name in given}
    query = urlencode({"login": transaction.note or "", **params})
    return RedirectResponse(f"/sign-in/with/{client.id}/finish?{query}", SEE_OTHER)


def finish(visitor: Visitor) -> Response:
    login = visitor.login()
    client, transaction = _client(visitor), _transaction(visitor)
    if transaction.note != login.token:
        raise NotStarted
    try:
        user = social.finish(
            visitor.identity, client, dict(visitor.request.query_params), transaction, visitor.caller
        )
    except Denied as error:
        response = _back(visitor, client, error.code)
    else:
        response = steps.enter(visitor, login, user, method=name_of(client))
    secure = is_secure(visitor.identity.settings.public_url, "lax")
    _set(response, SetCookie.delete(cookie_name(transaction.state), secure=secure))
    return response


def _client(visitor: Visitor) -> Client:
    client = social.named(visitor.identity, visitor.request.path_params["provider"])
    if client is None:
        raise NotStarted
    return client


def _transaction(visitor: Visitor) -> Transaction:
    """Raises NotStarted where this browser has begun no such sign-in, or one that is too old."""
    cookies = parse_cookies(visitor.request.headers.get("cookie"))
    now = visitor.identity.now.timestamp()
    try:
        return open_transaction(
            visitor.request.query_params.get("state"), cookies, social.sealer(visitor.identity), now=now
        )
    except LoginError:
        raise NotStarted from None


def _back(visitor: Visitor, client: Client, code: str) -> Response:
    return visitor.go("/sign-in", provider=client.id, refused=code)


def _set(response: Response, cookie: SetCookie) -> None:
    response.headers.append("Set-Cookie", cookie.header())
