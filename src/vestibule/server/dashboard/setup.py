"""The first start: whoever holds the link from the terminal becomes the first owner.

The link goes into a cookie at once, so that it is in no address while they fill in the form or sign in.
"""

from http import HTTPStatus
from typing import Final

from starlette.responses import RedirectResponse, Response

from vestibule.server import browsers
from vestibule.server.dashboard.desk import HOME, explain
from vestibule.server.identity.browser import begin_browser_session
from vestibule.server.identity.errors import Denied, Invalid
from vestibule.server.identity.operators import is_setup_link, use_setup_link
from vestibule.server.identity.users import create_user
from vestibule.server.insiders import find_insider, sign_in_first
from vestibule.server.visitor import NOTHING, SEE_OTHER, Visitor

PATH: Final = "/dashboard/setup"


def show(visitor: Visitor) -> Response:
    given = visitor.request.query_params.get("token", "")
    if given:
        response = RedirectResponse(PATH, SEE_OTHER)
        browsers.remember_setup(response, visitor.identity.settings, given)
        return response
    return _form(visitor) if is_setup_link(visitor.identity, _token(visitor)) else _over(visitor)


def submit(visitor: Visitor) -> Response:
    if not is_setup_link(visitor.identity, _token(visitor)):
        return _over(visitor)
    match visitor.form.get("action"):
        case "sign_in":
            return sign_in_first(visitor, PATH, fresh=True)
        case "take":
            return _take(visitor)
    return _create(visitor)


def _take(visitor: Visitor) -> Response:
    insider = find_insider(visitor)
    if insider is None:
        return sign_in_first(visitor, PATH)
    try:
        use_setup_link(visitor.identity, _token(visitor), insider.user)
    except Denied:
        return _over(visitor)
    return _ready(visitor)


def _create(visitor: Visitor) -> Response:
    email, password = visitor.form.get("email", "").strip(), visitor.form.get("password", "")
    if not password:
        return _form(visitor, Invalid.field("password", "password_missing", "Choose a password."))
    try:
        user = create_user(
            visitor.identity,
            email=email,
            password=password,
            first_name=visitor.form.get("first_name", "").strip() or None,
            last_name=visitor.form.get("last_name", "").strip() or None,
            email_verified=True,  # nobody but this person will ever have set up this server
        )
    except Invalid as error:
        return _form(visitor, error)
    try:
        use_setup_link(visitor.identity, _token(visitor), user)
    except Denied:
        return _over(visitor)
    _, token = begin_browser_session(
        visitor.identity, user_id=user.id, authentication_method="Password", caller=visitor.caller
    )
    response = _ready(visitor)
    browsers.remember(response, visitor.identity.settings, token)
    return response


def _ready(visitor: Visitor) -> Response:
    response = RedirectResponse(f"{HOME}?done=ready", SEE_OTHER)
    browsers.forget_setup(response, visitor.identity.settings)
    return response


def _token(visitor: Visitor) -> str:
    return browsers.setup_token(visitor.request, visitor.identity.settings) or ""


def _form(visitor: Visitor, error: Invalid | None = None) -> Response:
    errors, problem = (NOTHING, "") if error is None else explain(error)
    insider = find_insider(visitor)
    return visitor.page(
        "dashboard/setup.html",
        status=HTTPStatus.OK if error is None else HTTPStatus.UNPROCESSABLE_ENTITY,
        signed_in_as=insider.user.email if insider else "",
        values={name: visitor.form.get(name, "") for name in ("email", "first_name", "last_name")},
        errors=errors,
        problem=problem,
    )


def _over(visitor: Visitor) -> Response:
    return visitor.page(
        "error.html",
        status=HTTPStatus.BAD_REQUEST,
        title="This link is over",
        message="It makes the first owner of the dashboard, works once, and for a day.",
        hint="Sign in to the dashboard if you are an operator. Otherwise restart the server: "
        "it prints a new link as long as there is none.",
        code="setup_link_over",
        continue_url=visitor.identity.settings.link(HOME),
        continue_text="Open the dashboard",
    )
