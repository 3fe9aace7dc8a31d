"""The link of the reset mail: a new password, and everybody signed in with the old one is out."""

from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from vestibule.server import browsers
from vestibule.server.identity.browser import find_browser_session
from vestibule.server.identity.environment import get_environment
from vestibule.server.identity.errors import Invalid, NotFound
from vestibule.server.identity.resets import check_reset, confirm_reset
from vestibule.server.login import steps
from vestibule.server.visitor import NOTHING, Visitor

TOO_WEAK: Final = "password_strength_error"


def show(visitor: Visitor) -> Response:
    token = visitor.request.query_params.get("token", "")
    try:
        email = check_reset(visitor.identity, token)
    except (NotFound, Invalid):
        return _dead_link(visitor)
    return _form(visitor, email, token)


def submit(visitor: Visitor) -> Response:
    token, password = visitor.form.get("token", ""), visitor.form.get("password", "")
    try:
        email = check_reset(visitor.identity, token)
        confirm_reset(visitor.identity, token, password)
    except NotFound:
        return _dead_link(visitor)
    except Invalid as error:
        return _form(visitor, email, token, error) if error.code == TOO_WEAK else _dead_link(visitor)
    return _done(visitor)


def _form(visitor: Visitor, email: str, token: str, error: Invalid | None = None) -> Response:
    errors, problem = steps.explain(visitor, error) if error else (NOTHING, "")
    return visitor.page(
        "login/reset-password.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        email=email,
        token=token,
        script=steps.FORMS,
        errors=errors,
        problem=problem,
    )


def _done(visitor: Visitor) -> Response:
    place = get_environment(visitor.identity)
    page = visitor.page("login/password-changed.html", continue_url=place.initiate_login_url or "")
    if find_browser_session(visitor.identity, visitor.session_token) is None:
        browsers.end(page, visitor.identity.settings)
    return page


def _dead_link(visitor: Visitor) -> Response:
    return visitor.page(
        "error.html",
        status=HTTPStatus.BAD_REQUEST,
        title=visitor.say("This link no longer works"),
        message=visitor.say(
            "A link to choose a new password works once, for a short time, and only the newest one does."
        ),
        hint=visitor.say("Ask for a new one: it arrives within a minute."),
        code="password_reset_expired",
        continue_url=visitor.identity.settings.link("/forgot-password"),
        continue_text=visitor.say("Send a new link"),
    )
