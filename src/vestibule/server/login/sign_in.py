"""Who are you? An address, or a passkey that says it; how that is proven is another page's matter."""

from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from vestibule.server import browsers
from vestibule.server.identity.emails import parse_email
from vestibule.server.identity.login_steps import Step, page_of_proof
from vestibule.server.identity.logins import Login, update_login
from vestibule.server.languages import mark
from vestibule.server.login import invitation, magic_code, password, steps
from vestibule.server.visitor import Visitor

BLANK: Final = mark("Enter your email address.")
NO_ADDRESS: Final = mark("Enter an email address, like name@example.com.")


def show(visitor: Visitor) -> Response:
    login = visitor.login()
    known = invitation.invited(visitor, login)
    may_sign_up = known is not None and "password" in steps.allowed_methods(visitor, login)
    if known is not None and may_sign_up and not invitation.has_account(visitor, known):
        return visitor.go("/sign-up")
    email = steps.hinted_email(login) or browsers.last_address(visitor.request, visitor.identity.settings)
    return _form(visitor, login, email=email)


def submit(visitor: Visitor) -> Response:
    """Known or not, the address leads to the same next page (EN-1). Who brings the password at once, as
    programs do, need not see it."""
    login = visitor.login()
    known = invitation.invited(visitor, login)
    email = known.email if known is not None else visitor.form.get("email", "").strip()
    problem = _problem(email)
    if problem:
        return _form(visitor, login, email=email, error=problem)
    login = update_login(visitor.identity, login, identified=email, email=email, magic=None, sign_up=None)
    if visitor.form.get("password"):
        return password.submit(visitor)
    if _goes_by_mail(visitor, login, email):
        return magic_code.send(visitor, login, email)
    return visitor.go("/sign-in/password")


def _problem(email: str) -> str:
    if not email:
        return BLANK
    try:
        parse_email(email)
    except ValueError:
        return NO_ADDRESS
    return ""


def _goes_by_mail(visitor: Visitor, login: Login, email: str) -> bool:
    """Where nothing else is asked for, or where this very person did so on this browser last time."""
    policy = steps.policy_for(visitor, login, email)
    if page_of_proof(login, policy) is Step.MAGIC_CODE:
        return True
    last = browsers.last_method(visitor.request, visitor.identity.settings)
    return last == magic_code.METHOD and policy.allows(last) and visitor.is_acquainted(email)


def _form(visitor: Visitor, login: Login, *, email: str, error: str = "") -> Response:
    known = invitation.invited(visitor, login)
    methods = steps.allowed_methods(visitor, login)
    return visitor.page(
        "login/sign-in.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        application=steps.application(visitor, login),
        invited=invitation.welcome(visitor, known),
        sign_up=visitor.identity.settings.sign_up,
        values={"email": email if known is None else known.email},
        errors={"email": visitor.say(error)} if error else {},
        problem="" if error else steps.refused(visitor),
        **steps.ways_in(visitor, methods),
    )
