"""The code of an authenticator app, or a recovery code for somebody whose phone is gone."""

from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from vestibule.server.identity.errors import Denied
from vestibule.server.identity.login_steps import Step
from vestibule.server.identity.logins import update_login
from vestibule.server.identity.second_factors import verify_second_factor
from vestibule.server.identity.users import get_user
from vestibule.server.languages import mark
from vestibule.server.login import steps
from vestibule.server.login.dispatch import Standing, standing
from vestibule.server.visitor import Visitor

BLANK: Final = {
    "app": mark("Enter the six digits that your app shows now."),
    "recovery": mark("Enter one of your recovery codes."),
}
REFUSED_PASSKEY: Final = mark("That passkey did not work. Try again, or use a code.")
REFUSED: Final = {
    "one_time_code_previously_used": mark("That code was used already. Wait for the next one."),
}
WRONG: Final = {
    "app": mark("That code is not right. Enter the one that your app shows now."),
    "recovery": mark("That is none of your recovery codes, or it was used before."),
}


def show(visitor: Visitor) -> Response:
    now = standing(visitor, visitor.login())
    if now.step is not Step.SECOND_FACTOR:
        return visitor.go("/continue")
    return _form(visitor, now)


def submit(visitor: Visitor) -> Response:
    login = visitor.login()
    now = standing(visitor, login)
    if now.step is not Step.SECOND_FACTOR:
        return visitor.go("/continue")
    typed = steps.typed_code(visitor)
    if not typed:
        return _form(visitor, now, error=BLANK[_kind(visitor)])
    try:
        how = verify_second_factor(visitor.identity, str(now.login.user_id), typed, caller=visitor.caller)
    except Denied as error:
        return _form(visitor, now, error=REFUSED.get(error.code, WRONG[_kind(visitor)]))
    shown = steps.shown(str(now.login.user_id), how)
    update_login(visitor.identity, now.login, second_factor=shown)
    return visitor.go("/continue")


def _kind(visitor: Visitor) -> str:
    return "recovery" if visitor.request.query_params.get("with") == "recovery" else "app"


def _form(visitor: Visitor, now: Standing, *, error: str = "") -> Response:
    refused = visitor.request.query_params.get("passkey") == "refused" and not error
    return visitor.page(
        "login/second-factor.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        passkeys=now.has_passkey,
        script=f"{steps.FORMS} passkeys.js" if now.has_passkey else steps.FORMS,
        problem=REFUSED_PASSKEY if refused else "",
        by_app=now.enrolled,
        email=get_user(visitor.identity, str(now.login.user_id)).email,
        recovery=_kind(visitor) == "recovery",
        errors={"code": visitor.say(error)} if error else {},
    )
