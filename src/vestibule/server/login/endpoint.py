"""The one way into every hosted page: read the form, refuse forgeries, hop to a thread, answer."""

import hmac
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response

from vestibule.server import browsers
from vestibule.server.hops import Hops
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import IdentityError, TooMany
from vestibule.server.identity.logins import Login
from vestibule.server.login import dispatch, refusals
from vestibule.server.login.visitor import NOTHING, NotStarted, Over, Visitor

Page = Callable[[Visitor], Response]

MAX_FIELDS = 20


def endpoint(
    page: Page, identity: Identity, hops: Hops, *, hashes: bool = False
) -> Callable[[Request], Awaitable[Response]]:
    """`hashes`: the page looks at a password, which has a queue of its own."""

    async def answer(request: Request) -> Response:
        form = await _read_form(request)
        return await hops.run(_answer, page, request, identity, form, hashes=hashes and form is not None)

    return answer


async def _read_form(request: Request) -> Mapping[str, str] | None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method != "POST" or kind != "application/x-www-form-urlencoded":
        return None
    form = await request.form(max_files=0, max_fields=MAX_FIELDS)
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _answer(page: Page, request: Request, identity: Identity, form: Mapping[str, str] | None) -> Response:
    visitor = Visitor.of(request, identity, form=form or NOTHING)
    refuse = _forgery(visitor, form) if request.method == "POST" else None
    response = refuse(visitor) if refuse else _allow(page, visitor)
    if visitor.newcomer:
        browsers.bind(response, identity.settings, visitor.binding)
    response.headers["Cache-Control"] = "no-store"
    return response


def _forgery(visitor: Visitor, form: Mapping[str, str] | None) -> Page | None:
    settings = visitor.identity.settings
    if browsers.is_cross_site(visitor.request, settings):
        return refusals.forged
    if form is None:
        return refusals.not_a_form
    if visitor.newcomer:
        return refusals.cookies_missing
    expected = browsers.csrf_token(settings, visitor.binding)
    given = form.get("csrf", "").encode("utf-8", "replace")
    return None if hmac.compare_digest(given, expected.encode()) else refusals.forged


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
