"""Passkeys on the hosted pages: the options a script asks for, and forms with what the browser answered."""

from http import HTTPStatus
from typing import Any, Final

from starlette.responses import JSONResponse, Response

from vestibule.server import browsers
from vestibule.server.identity import passkeys
from vestibule.server.identity.errors import Denied
from vestibule.server.identity.login_steps import Step, proof_of
from vestibule.server.identity.logins import Login, update_login
from vestibule.server.identity.people import User
from vestibule.server.identity.users import get_user
from vestibule.server.languages import mark
from vestibule.server.login import steps
from vestibule.server.login.dispatch import PAGES, Standing, standing
from vestibule.server.visitor import NotStarted, Visitor

SCRIPT: Final = "passkeys.js"
PASSKEY: Final = "passkey"
FAILED: Final = mark("That did not work. Try again, or go on without.")
NOT_MADE: Final = {
    "passkey_exists": mark("This device has a passkey for another account already."),
    "too_many_passkeys": mark("This account has as many passkeys as it may have."),
}


def sign_in_options(visitor: Visitor) -> Response:
    return _options(passkeys.begin_sign_in(visitor.identity, visitor.login()))


def sign_in(visitor: Visitor) -> Response:
    login = visitor.login()
    try:
        proof = passkeys.finish_sign_in(
            visitor.identity, login, visitor.form.get("credential", ""), caller=visitor.caller
        )
    except Denied:
        return visitor.go(_page_of(visitor, login), passkey="refused")
    shown = PASSKEY if proof.user_verified else None
    return steps.enter(visitor, login, proof.user, method="Passkey", second_factor=shown)


def _page_of(visitor: Visitor, login: Login) -> str:
    """Where a key may have been asked for."""
    step = standing(visitor, login).step
    return PAGES[step if step in (Step.PASSWORD, Step.STEP_UP) else Step.SIGN_IN]


def second_factor_options(visitor: Visitor) -> Response:
    now = _at(visitor, Step.SECOND_FACTOR)
    user_id, verified = str(now.login.user_id), _has_shown_a_key(now)
    return _options(passkeys.begin_sign_in(visitor.identity, now.login, user_id=user_id, verified=verified))


def second_factor(visitor: Visitor) -> Response:
    """The key is something they have, whether or not it asked who they are: the first factor said so. Where
    that was a key, this one has to ask: two touches of one key are one factor."""
    now = standing(visitor, visitor.login())
    if now.step is not Step.SECOND_FACTOR:
        return visitor.go("/continue")
    user_id, credential = str(now.login.user_id), visitor.form.get("credential", "")
    try:
        proof = passkeys.finish_sign_in(
            visitor.identity, now.login, credential, user_id=user_id, caller=visitor.caller
        )
    except Denied:
        return visitor.go("/second-factor", passkey="refused")
    if _has_shown_a_key(now) and not proof.user_verified:
        return visitor.go("/second-factor", passkey="refused")
    update_login(visitor.identity, now.login, second_factor=steps.shown(user_id, PASSKEY))
    return visitor.go("/continue")


def register_options(visitor: Visitor) -> Response:
    now = _at(visitor, Step.OFFER_PASSKEY)
    return _options(passkeys.begin_registration(visitor.identity, _user(visitor, now), now.login))


def show(visitor: Visitor) -> Response:
    now = standing(visitor, visitor.login())
    if now.step is not Step.OFFER_PASSKEY:
        return visitor.go("/continue")
    return _form(visitor, now)


def submit(visitor: Visitor) -> Response:
    now = standing(visitor, visitor.login())
    if now.step is not Step.OFFER_PASSKEY:
        return visitor.go("/continue")
    user = _user(visitor, now)
    if visitor.form.get("action") == "later":
        update_login(visitor.identity, now.login, passkey_offer="later")
        response = visitor.go("/continue")
        browsers.put_off(response, visitor.identity.settings, visitor.binding, account=user.id)
        return response
    try:
        credential = visitor.form.get("credential", "")
        passkeys.finish_registration(visitor.identity, user.id, now.login, credential)
    except Denied as error:
        problem = NOT_MADE.get(error.code, FAILED)
        return _form(visitor, now, problem=problem)
    update_login(visitor.identity, now.login, passkey_offer="made")
    return visitor.go("/continue")


def _has_shown_a_key(now: Standing) -> bool:
    method, _ = proof_of(now.login, now.present)
    return method == "Passkey"


def _at(visitor: Visitor, step: Step) -> Standing:
    now = standing(visitor, visitor.login())
    if now.step is not step:
        raise NotStarted
    return now


def _user(visitor: Visitor, now: Standing) -> User:
    return get_user(visitor.identity, str(now.login.user_id))


def _options(options: dict[str, Any]) -> Response:
    return JSONResponse(options)


def _form(visitor: Visitor, now: Standing, *, problem: str = "") -> Response:
    return visitor.page(
        "login/passkey-enroll.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        script=SCRIPT,
        email=_user(visitor, now).email,
        problem=visitor.say(problem),
    )
