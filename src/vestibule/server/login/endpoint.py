"""The one way into every page of a sign-in, and what is said when its step cannot be."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from vestibule.server import hosted
from vestibule.server.hops import Hops
from vestibule.server.hosted import Page
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import IdentityError, TooMany
from vestibule.server.identity.logins import Login
from vestibule.server.login import dispatch, refusals
from vestibule.server.visitor import NotStarted, Over, Visitor


def endpoint(
    page: Page, identity: Identity, hops: Hops, *, hashes: bool = False
) -> Callable[[Request], Awaitable[Response]]:
    def allow(visitor: Visitor) -> Response:
        return _allow(page, visitor)

    return hosted.endpoint(allow, identity, hops, hashes=hashes)


def _allow(page: Page, visitor: Visitor) -> Response:
    try:
        return page(visitor)
    except NotStarted:
        return refusals.not_started(visitor)
    except Over as over:
        return _resume(visitor, over.login)
    except TooMany as error:
        return refusals.too_many(visitor, error)
    except IdentityError as error:
        if error.code == "login_finished":  # by a request that was faster than this one
            return visitor.go("/continue")
        return refusals.denied(visitor, error)


def _resume(visitor: Visitor, login: Login) -> Response:
    try:
        return dispatch.resume(visitor, login)
    except NotStarted:
        return refusals.not_started(visitor)
