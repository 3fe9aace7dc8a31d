"""Who may do what in here. Owners only: whoever names operators can do everything they can."""

from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from vestibule.server.dashboard.deeds import deed, page
from vestibule.server.dashboard.desk import HOME, Desk, explain
from vestibule.server.identity.errors import Conflict, Invalid
from vestibule.server.identity.operators import (
    add_operator,
    change_role,
    get_operator,
    list_operators,
    remove_operator,
)
from vestibule.server.visitor import NOTHING

PATH: Final = "/dashboard/operators"
SAID: Final = {
    "added": "The operator is added, and a mail tells them where to sign in.",
    "changed": "The role is changed, from the next page they open.",
    "removed": "The operator is removed, and is out at the next page they open.",
}
ROLES: Final = (
    ("auditor", "Auditor", "sees everything, changes nothing"),
    ("support", "Support", "helps users: resets, sign-outs, impersonation"),
    ("admin", "Admin", "changes all but operators"),
    ("owner", "Owner", "does everything"),
)


def show(desk: Desk) -> Response:
    return _page(desk)


def add(desk: Desk) -> Response:
    email, role = desk.form.get("email", "").strip(), desk.form.get("role", "")
    try:
        add_operator(desk.identity, email, role, tells=True)
    except Invalid as error:
        return _page(desk, error)
    except Conflict as error:
        return _page(desk, Invalid.field("email", error.code, error.message))
    return desk.go(PATH, done="added")


def show_one(desk: Desk) -> Response:
    return _one(desk)


def change(desk: Desk) -> Response:
    try:
        change_role(desk.identity, desk.path("operator_id"), desk.form.get("role", ""))
    except (Invalid, Conflict) as error:
        return _one(desk, problem=error.message)
    return desk.go(PATH, done="changed")


def remove(desk: Desk) -> Response:
    operator = get_operator(desk.identity, desk.path("operator_id"))
    if desk.form.get("confirmation", "").strip().casefold() != operator.email.casefold():
        return _one(desk, mistyped="Type the address exactly as it stands here.")
    try:
        remove_operator(desk.identity, operator.id)
    except Conflict as error:
        return _one(desk, problem=error.message)
    return desk.go(PATH, done="removed")


def _page(desk: Desk, error: Invalid | None = None) -> Response:
    errors, problem = (NOTHING, "") if error is None else explain(error)
    return desk.page(
        "operators.html",
        status=HTTPStatus.OK if error is None else HTTPStatus.UNPROCESSABLE_ENTITY,
        operators=list_operators(desk.identity),
        roles=ROLES,
        address=f"{desk.identity.settings.public_url}{HOME}",
        values={"email": desk.form.get("email", ""), "role": desk.form.get("role", "")},
        errors=errors,
        problem=problem,
    )


def _one(desk: Desk, *, problem: str = "", mistyped: str = "") -> Response:
    refused = bool(problem or mistyped)
    return desk.page(
        "operator.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK,
        found=get_operator(desk.identity, desk.path("operator_id")),
        roles=ROLES,
        problem=problem,
        mistyped=mistyped,
    )


ONE: Final = PATH + "/{operator_id}"
DEEDS: Final = (
    page(PATH, show, right="own", said=SAID),
    deed(PATH, add, right="own", back=PATH, fresh=True),
    page(ONE, show_one, right="own"),
    deed(ONE, change, right="own", back=ONE, fresh=True),
    deed(ONE + "/remove", remove, right="own", back=ONE, fresh=True),
)
