"""Where to? Asked only of people who belong to several organizations when the app named none."""

from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from vestibule.server.identity.login_steps import Step
from vestibule.server.identity.logins import update_login
from vestibule.server.identity.memberships import list_active_memberships
from vestibule.server.identity.users import get_user
from vestibule.server.languages import mark
from vestibule.server.login.dispatch import standing
from vestibule.server.visitor import Visitor

NOT_THERE: Final = mark("You are not a member there any more. Choose another organization.")
ROLES: Final = (mark("Admin"), mark("Member"))  # those that every organization has


def show(visitor: Visitor) -> Response:
    now = standing(visitor, visitor.login())
    if now.step is not Step.SELECT_ORGANIZATION:
        return visitor.go("/continue")
    return _form(visitor, str(now.login.user_id))


def submit(visitor: Visitor) -> Response:
    login = visitor.login()
    now = standing(visitor, login)
    chosen = visitor.form.get("organization_id", "")
    if now.step is Step.SELECT_ORGANIZATION and chosen not in now.organizations:
        return _form(visitor, str(now.login.user_id), problem=NOT_THERE)
    update_login(visitor.identity, login, organization_id=chosen)
    return visitor.go("/continue")


def _form(visitor: Visitor, user_id: str, *, problem: str = "") -> Response:
    user = get_user(visitor.identity, user_id)
    organizations = [
        {
            "id": membership.organization_id,
            "name": name,
            "role": visitor.say(membership.role.replace("-", " ").capitalize()),
        }
        for membership, name in list_active_memberships(visitor.identity, user_id)
    ]
    return visitor.page(
        "login/select-organization.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        email=user.email,
        organizations=organizations,
        problem=visitor.say(problem),
    )
