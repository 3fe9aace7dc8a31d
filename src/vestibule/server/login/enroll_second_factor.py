"""Setting up an authenticator app, where the policy asks for a second factor and there is none yet."""

from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from vestibule.server import qr
from vestibule.server.identity.enrolling import Offer, accept_totp, offer_totp
from vestibule.server.identity.errors import Denied
from vestibule.server.identity.login_steps import Step
from vestibule.server.identity.logins import update_login
from vestibule.server.identity.second_factors import TOTP
from vestibule.server.identity.users import get_user
from vestibule.server.languages import mark
from vestibule.server.login import steps
from vestibule.server.login.dispatch import Standing, standing
from vestibule.server.visitor import Visitor

BLANK: Final = mark("Enter the six digits that your app shows now.")
WRONG: Final = mark(
    "That code is not right. Check that your phone's clock is, and enter the code it shows now."
)
GROUP: Final = 4


def show(visitor: Visitor) -> Response:
    now = standing(visitor, visitor.login())
    if now.step is not Step.ENROLL_SECOND_FACTOR:
        return visitor.go("/continue")
    return _form(visitor, _offered(visitor, now))


def submit(visitor: Visitor) -> Response:
    now = standing(visitor, visitor.login())
    if now.step is not Step.ENROLL_SECOND_FACTOR:
        return visitor.go("/continue")
    offer, user_id = _offered(visitor, now), str(now.login.user_id)
    typed = steps.typed_code(visitor)
    if not typed:
        return _form(visitor, offer, error=BLANK)
    try:
        codes = accept_totp(visitor.identity, user_id, offer, typed, caller=visitor.caller)
    except Denied as error:
        if error.code == "second_factor_exists":
            return visitor.go("/continue")
        return _form(visitor, offer, error=WRONG)
    update_login(
        visitor.identity, now.login, second_factor=steps.shown(user_id, TOTP), second_factor_offer=None
    )
    return visitor.page("login/recovery-codes.html", codes=codes)


def _offered(visitor: Visitor, now: Standing) -> Offer:
    """Kept in the sign-in, for whom it was made: who comes back to the page finds the same code again."""
    user = get_user(visitor.identity, str(now.login.user_id))
    kept = now.login.progress.get("second_factor_offer")
    if kept is not None and kept["user_id"] == user.id:
        return offer_totp(visitor.identity, user, kept["sealed"])
    offer = offer_totp(visitor.identity, user)
    made = {"user_id": user.id, "sealed": offer.sealed}
    update_login(visitor.identity, now.login, second_factor_offer=made)
    return offer


def _form(visitor: Visitor, offer: Offer, *, error: str = "") -> Response:
    secret = offer.secret
    return visitor.page(
        "login/enroll-second-factor.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        script=steps.FORMS,
        qr=qr.drawing(offer.uri),
        secret=" ".join(secret[at : at + GROUP] for at in range(0, len(secret), GROUP)),
        errors={"code": visitor.say(error)} if error else {},
    )
