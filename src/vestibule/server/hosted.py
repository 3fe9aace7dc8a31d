"""The one way into every page with a form: read it, refuse forgeries, hop to a thread, answer."""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import TypeAlias

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from vestibule.server import browsers
from vestibule.server.hops import Hops
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import get_environment
from vestibule.server.identity.logins import get_login
from vestibule.server.visitor import NOTHING, Visitor

Page: TypeAlias = Callable[[Visitor], Response]

MOST_FIELDS = 20


def endpoint(
    page: Page,
    identity: Identity,
    hops: Hops,
    *,
    hashes: bool = False,
    most_fields: int = MOST_FIELDS,
    upload: str = "",
) -> Callable[[Request], Awaitable[Response]]:
    """`hashes`: the page looks at a password, which has a queue of its own. `upload`: the one input of its
    form that brings a file."""

    async def answer(request: Request) -> Response:
        if upload:
            form, content = await _read_upload(request, upload)
            return await hops.run(_answer, page, request, identity, form, content)
        form = await _read_form(request, most_fields)
        return await hops.run(_answer, page, request, identity, form, hashes=hashes and form is not None)

    return answer


async def reply(
    page: Page, request: Request, identity: Identity, hops: Hops, form: Mapping[str, str] | None
) -> Response:
    """For whoever has read the form themselves."""
    return await hops.run(_answer, page, request, identity, form)


async def _read_upload(request: Request, name: str) -> tuple[Mapping[str, str] | None, bytes | None]:
    """None for what is no such form, and for one without a file."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method != "POST" or kind != "multipart/form-data":
        return await _read_form(request, MOST_FIELDS), None
    async with request.form(max_files=1, max_fields=MOST_FIELDS) as form:
        file = form.get(name)
        content = await file.read() if isinstance(file, UploadFile) else b""
        return {key: value for key, value in form.items() if isinstance(value, str)}, content or None


async def _read_form(request: Request, most_fields: int) -> Mapping[str, str] | None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method != "POST" or kind != "application/x-www-form-urlencoded":
        return None
    form = await request.form(max_files=0, max_fields=most_fields)
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _answer(
    page: Page,
    request: Request,
    identity: Identity,
    form: Mapping[str, str] | None,
    upload: bytes | None = None,
) -> Response:
    visitor = Visitor.of(request, identity, form=form or NOTHING, upload=upload)
    refuse = _forgery(visitor, form) if request.method == "POST" else None
    response = (refuse or page)(visitor)
    if visitor.newcomer:
        browsers.bind(response, identity.settings, visitor.binding)
    chosen = browsers.asked_language(request.query_params)
    if chosen is not None:
        browsers.speak(response, identity.settings, chosen)
    response.headers["Cache-Control"] = "no-store"
    return response


def _forgery(visitor: Visitor, form: Mapping[str, str] | None) -> Page | None:
    settings = visitor.identity.settings
    if browsers.is_cross_site(visitor.request, settings):
        return forged
    if form is None:
        return not_a_form
    if visitor.newcomer:
        return cookies_missing
    expected = browsers.csrf_token(settings, visitor.binding)
    given = form.get("csrf", "").encode("utf-8", "replace")
    return None if hmac.compare_digest(given, expected.encode()) else forged


def forged(visitor: Visitor) -> Response:
    return visitor.page(
        "error.html",
        status=HTTPStatus.FORBIDDEN,
        title=visitor.say("This form could not be trusted"),
        message=visitor.say("It was not sent from this site, or it is too old. Nothing was changed."),
        hint=visitor.say("Go back, reload the page and send it again."),
        code="form_not_trusted",
        **back_to_sign_in(visitor),
    )


def not_a_form(visitor: Visitor) -> Response:
    return visitor.page(
        "error.html",
        status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        title=visitor.say("This page takes forms only"),
        message=visitor.say("What was sent is not the form of this page."),
        code="not_a_form",
        **back_to_sign_in(visitor),
    )


def cookies_missing(visitor: Visitor) -> Response:
    return visitor.page(
        "error.html",
        status=HTTPStatus.BAD_REQUEST,
        title=visitor.say("Your browser sent no cookie"),
        message=visitor.say(
            "Signing in needs a cookie that ties this page to your browser, and it did not arrive."
        ),
        hint=visitor.say(
            "Allow cookies for this site, then begin again in the application. "
            "The same happens when one address of this server leads to the page and another one to its form."
        ),
        code="cookies_missing",
        **to_the_application(visitor),
    )


def back_to_sign_in(visitor: Visitor) -> dict[str, str]:
    """For a page that says no in the middle of one: its button leads to the step that is due."""
    login = get_login(visitor.identity, visitor.login_token, visitor.binding)
    if login is None:
        return {}
    return {"continue_url": visitor.link("/continue"), "continue_text": visitor.say("Back to the sign-in")}


def to_the_application(visitor: Visitor) -> dict[str, str]:
    """Where a sign-in begins; else where the application is, as far as it has said."""
    place = get_environment(visitor.identity)
    if place.initiate_login_url:
        return {"continue_url": place.initiate_login_url, "continue_text": visitor.say("Begin again")}
    if place.app_homepage_url:
        text = visitor.say("Open the application")
        return {"continue_url": place.app_homepage_url, "continue_text": text}
    return {}
