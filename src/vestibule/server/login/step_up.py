"""Still you? Asked of whoever the browser knows, when an app or a page of ours wants it proven once more."""

from http import HTTPStatus

from starlette.responses import Response

from vestibule.server.identity.login_steps import Step
from vestibule.server.identity.logins import Login
from vestibule.server.identity.people import User
from vestibule.server.identity.users import get_user
from vestibule.server.login import password, steps
from vestibule.server.login.dispatch import standing
from vestibule.server.visitor import Visitor


def show(visitor: Visitor) -> Response:
    login = visitor.login()
    user = _who(visitor, login)
    return visitor.go("/continue") if user is None else _form(visitor, login, user)


def submit(visitor: Visitor) -> Response:
    login = visitor.login()
    user = _who(visitor, login)
    if user is None or not steps.policy_for(visitor, login, user.email).allows(password.METHOD):
        return visitor.go("/continue")
    if not visitor.form.get("password"):
        return _form(visitor, login, user, error=password.BLANK)
    proven = password.verify(visitor, user.email)
    if proven is None:
        return _form(visitor, login, user, error=password.WRONG)
    return steps.enter(visitor, login, proven, method=password.METHOD)


def _who(visitor: Visitor, login: Login) -> User | None:
    now = standing(visitor, login)
    if now.step is not Step.STEP_UP or now.present is None:
        return None
    return get_user(visitor.identity, now.present.user_id)


def _form(visitor: Visitor, login: Login, user: User, *, error: str = "") -> Response:
    """With the ways this person has: whoever sits here was signed in as them, and learns nothing new."""
    methods = steps.allowed_methods(visitor, login, user.email) - _missing(visitor, user)
    return visitor.page(
        "login/step-up.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        application=steps.application(visitor, login),
        reason=_reason(login),
        email=user.email,
        errors={"password": visitor.say(error)} if error else {},
        problem="" if error else steps.refused(visitor),
        **steps.ways_in(visitor, methods),
    )


def _missing(visitor: Visitor, user: User) -> frozenset[str]:
    with visitor.identity.store.read() as tx:
        there = {
            "password": tx.passwords.find(user.id) is not None,
            "passkey": tx.passkeys.count(user.id) > 0,
        }
    return frozenset(name for name, found in there.items() if not found)


def _reason(login: Login) -> str:
    """Who wants to know: an app that wants a recent sign-in, one that wants another, or a page of ours."""
    if login.request is None:
        return "ours"
    return "again" if login.request.max_age is None else "recent"
