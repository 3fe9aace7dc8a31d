"""Signing in with a code from a mail. Whether there is such an account is said only in that mail."""

from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from vestibule.server.identity.emails import parse_email
from vestibule.server.identity.errors import Denied
from vestibule.server.identity.logins import Login, update_login
from vestibule.server.identity.magic import request_code, verify_code
from vestibule.server.identity.secrets import digest
from vestibule.server.languages import mark
from vestibule.server.login import invitation, steps
from vestibule.server.visitor import Visitor

METHOD: Final = "MagicAuth"
NO_ADDRESS: Final = mark("Enter an email address, like name@example.com.")
BLANK: Final = mark("Enter the six digits from the mail.")
WRONG: Final = mark("That code is wrong or no longer works. Check the newest mail, or ask for a new code.")
SENT: Final = mark("A new code is on its way. The ones before it no longer work.")


def show(visitor: Visitor) -> Response:
    login = visitor.login()
    if not is_offered(visitor, login):
        return visitor.go("/sign-in")
    if "magic" not in login.progress:
        return _ask_address(visitor, login, steps.hinted_email(login))
    return _ask_code(visitor, login, notice=SENT if visitor.request.query_params.get("sent") else "")


def submit(visitor: Visitor) -> Response:
    login = visitor.login()
    if not is_offered(visitor, login):
        return visitor.go("/sign-in")
    match visitor.form.get("action"):
        case "send":
            return send(visitor, login, visitor.form.get("email", "").strip())
        case "resend" if "magic" in login.progress:
            return send(visitor, login, login.progress["magic"], sent="1")
        case _ if "magic" not in login.progress:
            return visitor.go("/magic-code")
    return _confirm(visitor, login, steps.typed_code(visitor))


def is_offered(visitor: Visitor, login: Login) -> bool:
    return "magic_auth" in steps.allowed_methods(visitor, login, steps.hinted_email(login))


def send(visitor: Visitor, login: Login, email: str, **query: str) -> Response:
    known = invitation.invited(visitor, login)
    email = email if known is None else known.email
    try:
        parse_email(email)
    except ValueError:
        return _ask_address(visitor, login, email, error=NO_ADDRESS)
    address = request_code(
        visitor.identity,
        email,
        bound_to=digest(login.token),
        invited=known is not None,
        caller=visitor.caller,
    )
    update_login(
        visitor.identity,
        login,
        email=address,
        identified=address,
        magic=address,
        sent_at=visitor.identity.now.isoformat(),
    )
    return visitor.go("/magic-code", **query)


def _confirm(visitor: Visitor, login: Login, code: str) -> Response:
    if not code:
        return _ask_code(visitor, login, error=BLANK)
    email = login.progress["magic"]
    try:
        user = verify_code(visitor.identity, email, code, bound_to=digest(login.token), caller=visitor.caller)
    except Denied:
        return _ask_code(visitor, login, error=WRONG)
    login = update_login(visitor.identity, login, magic=None)
    return steps.enter(visitor, login, user, method=METHOD)


def _ask_address(visitor: Visitor, login: Login, email: str, *, error: str = "") -> Response:
    return visitor.page(
        "login/magic-address.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        application=steps.application(visitor, login),
        values={"email": email},
        errors={"email": visitor.say(error)} if error else {},
    )


def _ask_code(visitor: Visitor, login: Login, *, error: str = "", notice: str = "") -> Response:
    return visitor.page(
        "login/magic-code.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        email=login.progress["magic"],
        sent_for_sure=visitor.identity.settings.sign_up,
        passwords="password" in steps.allowed_methods(visitor, login, login.progress["magic"]),
        wait=steps.wait(visitor, login),
        script=steps.FORMS,
        errors={"code": visitor.say(error)} if error else {},
        notice=visitor.say(notice),
    )
