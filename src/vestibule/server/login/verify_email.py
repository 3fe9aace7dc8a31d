"""The code from the mail. An address that had an account before its sign-up fails here like a wrong code."""

from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from vestibule.server.identity import sign_up, verification
from vestibule.server.identity.environment import get_environment
from vestibule.server.identity.errors import Denied
from vestibule.server.identity.login_steps import Step
from vestibule.server.identity.logins import Login, update_login
from vestibule.server.identity.people import User
from vestibule.server.identity.sign_up import SignUp
from vestibule.server.languages import mark
from vestibule.server.login import steps
from vestibule.server.login.dispatch import standing
from vestibule.server.visitor import Visitor

BLANK: Final = mark("Enter the six digits from the mail.")
WRONG: Final = mark("That code is wrong or no longer works. Check the newest mail, or ask for a new code.")
SENT: Final = mark("A new code is on its way. The ones before it no longer work.")


def show(visitor: Visitor) -> Response:
    if not visitor.login_token:
        return _elsewhere(visitor)
    login = visitor.login()
    if not _owes_code(visitor, login):
        return visitor.go("/continue")
    return _form(visitor, login, notice=SENT if visitor.request.query_params.get("sent") else "")


def submit(visitor: Visitor) -> Response:
    login = visitor.login()
    if not _owes_code(visitor, login):
        return visitor.go("/continue")
    if visitor.form.get("action") == "resend":
        _resend(visitor, login)
        return visitor.go("/verify-email", sent="1")
    code = steps.typed_code(visitor)
    if not code:
        return _form(visitor, login, error=BLANK)
    try:
        user = _confirm(visitor, login, code)
    except Denied as error:
        if error.code == "email_previously_verified":  # in another window, meanwhile
            return visitor.go("/continue")
        return _form(visitor, login, error=WRONG)
    method = "Password" if "sign_up" in login.progress else login.authentication_method
    return steps.enter(visitor, login, user, method=method)


def _owes_code(visitor: Visitor, login: Login) -> bool:
    if "sign_up" in login.progress:
        return True
    return "code_for" in login.progress and standing(visitor, login).step is Step.VERIFY_EMAIL


def _confirm(visitor: Visitor, login: Login, code: str) -> User:
    signed_up = _signed_up(login)
    if signed_up is not None:
        return sign_up.confirm(visitor.identity, signed_up, code, caller=visitor.caller)
    return verification.confirm_verification(
        visitor.identity, str(login.user_id), code, caller=visitor.caller
    )


def _resend(visitor: Visitor, login: Login) -> None:
    signed_up = _signed_up(login)
    if signed_up is not None:
        sign_up.resend(visitor.identity, signed_up)
    else:
        verification.send_verification(visitor.identity, str(login.user_id))
    update_login(visitor.identity, login, sent_at=visitor.identity.now.isoformat())


def _signed_up(login: Login) -> SignUp | None:
    kept = login.progress.get("sign_up")
    return SignUp(**kept) if kept else None


def _elsewhere(visitor: Visitor) -> Response:
    """The link in the mail: the code belongs to a sign-in that is open in some other window."""
    return visitor.page(
        "error.html",
        title=visitor.say("Enter the code where you began"),
        message=visitor.say("The code in the mail belongs to the page that asked for it."),
        hint=visitor.say(
            "Go back to that window and enter the six digits there. If it is closed, sign in to the "
            "application again with your password, and the page for the code comes back."
        ),
        code="code_without_sign_in",
        continue_url=get_environment(visitor.identity).initiate_login_url or "",
        continue_text=visitor.say("Sign in again"),
    )


def _form(visitor: Visitor, login: Login, *, error: str = "", notice: str = "") -> Response:
    return visitor.page(
        "login/verify-email.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        email=login.progress["email"],
        wait=steps.wait(visitor, login),
        script=steps.FORMS,
        errors={"code": visitor.say(error)} if error else {},
        notice=visitor.say(notice),
    )
