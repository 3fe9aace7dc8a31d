"""Everybody: searched while one types, filtered, taken along as CSV; and the ways to add somebody."""

import datetime as dt
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from starlette.responses import Response, StreamingResponse

from vestibule.server.dashboard.deeds import deed, page
from vestibule.server.dashboard.desk import Desk
from vestibule.server.dashboard.mistakes import NONE, REFUSALS, Mistakes, mistakes
from vestibule.server.dashboard.spreadsheets import csv_line
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Invalid, NotFound
from vestibule.server.identity.invitations import create_invitation
from vestibule.server.identity.organizations import get_organization
from vestibule.server.identity.people import User
from vestibule.server.identity.resets import create_reset
from vestibule.server.identity.roles import list_roles
from vestibule.server.identity.user_search import Filters, search_users
from vestibule.server.identity.users import create_user

PATH: Final = "/dashboard/users"
SINCE: Final = {
    "1": "the last day",
    "7": "the last 7 days",
    "30": "the last 30 days",
    "90": "the last 90 days",
}
NEW: Final = ("email", "first_name", "last_name", "external_id")
INVITED: Final = ("email", "organization_id", "role_slug")
IN_FORM: Final = {"user_creation_error": "email", "organization_not_found": "organization_id"}
AT_ONCE: Final = 500
SAID: Final = {
    "deleted": "The user and everything of theirs is deleted. The events stay.",
    "invited": "The invitation is on its way.",
}
COLUMNS: Final = (
    *("id", "email", "email_verified", "first_name", "last_name", "external_id", "locale"),
    *("suspended_at", "last_sign_in_at", "created_at"),
)


def show(desk: Desk) -> Response:
    query, filters = desk.query("q"), _filters(desk)
    found = search_users(desk.identity, query, filters, after=desk.query("after"))
    return desk.page(
        "users/list.html",
        query=query,
        asked=_asked(desk),
        values=_asked(desk),
        filtered=filters != Filters(),
        organization=_organization(desk, filters),
        since=SINCE,
        users=found.users,
        more=f"{PATH}?{urlencode({**_asked(desk), 'after': found.after})}" if found.after else "",
        export=f"{PATH}/export?{urlencode(_asked(desk))}",
    )


def _asked(desk: Desk) -> dict[str, str]:
    names = ("q", "suspended", "unverified", "organization", "since")
    return {name: value for name in names if (value := desk.query(name).strip())}


def _filters(desk: Desk) -> Filters:
    days = desk.query("since")
    return Filters(
        suspended=bool(desk.query("suspended")),
        unverified=bool(desk.query("unverified")),
        organization_id=desk.query("organization").strip()[:128] or None,
        signed_in_since=desk.identity.now - dt.timedelta(days=int(days)) if days in SINCE else None,
    )


def _organization(desk: Desk, filters: Filters) -> str:
    """Its name, for whoever came by a link."""
    if filters.organization_id is None or not filters.organization_id.isprintable():
        return ""
    try:
        return get_organization(desk.identity, filters.organization_id).name
    except NotFound:
        return ""


def export(desk: Desk) -> Response:
    """What the list shows, all of it, without waiting for the end."""
    return StreamingResponse(
        _rows(desk.identity, desk.query("q"), _filters(desk)),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="users.csv"', "Cache-Control": "no-store"},
    )


def _rows(identity: Identity, query: str, filters: Filters) -> Iterator[str]:
    yield csv_line(COLUMNS)
    after: str | None = ""
    while after is not None:
        found = search_users(identity, query, filters, after=after, limit=AT_ONCE)
        yield "".join(csv_line([getattr(user, column) for column in COLUMNS]) for user in found.users)
        after = found.after


def show_new(desk: Desk, problems: Mistakes = NONE) -> Response:
    return _form(desk, "users/new.html", problems, NEW)


def create(desk: Desk) -> Response:
    given = {name: desk.form.get(name, "").strip() or None for name in NEW}
    try:
        user = create_user(
            desk.identity,
            email=given["email"] or "",
            first_name=given["first_name"],
            last_name=given["last_name"],
            external_id=given["external_id"],
            email_verified="email_verified" in desk.form,
        )
    except REFUSALS as error:
        return show_new(desk, mistakes(error, IN_FORM))
    if "send" in desk.form:
        create_reset(desk.identity, user.email)
        return desk.go(place(user), done="created_mailed")
    return desk.go(place(user), done="created")


def show_invite(desk: Desk, problems: Mistakes = NONE) -> Response:
    roles = [("", "The usual one"), *((role.slug, role.name) for role in list_roles(desk.identity))]
    return _form(desk, "users/invite.html", problems, INVITED, roles=roles)


def invite(desk: Desk) -> Response:
    given = {name: desk.form.get(name, "").strip() or None for name in INVITED}
    try:
        if given["role_slug"] and not given["organization_id"]:
            raise Invalid.field("role_slug", "role_without_organization", "A role is one in an organization.")
        create_invitation(
            desk.identity,
            email=given["email"] or "",
            organization_id=given["organization_id"],
            role_slug=given["role_slug"],
        )
    except REFUSALS as error:
        return show_invite(desk, mistakes(error, IN_FORM))
    return desk.go(PATH, done="invited")


def place(user: User) -> str:
    return f"{PATH}/{user.id}"


def _form(desk: Desk, template: str, problems: Mistakes, names: tuple[str, ...], **more: Any) -> Response:
    values: Mapping[str, str] = {name: desk.form.get(name, "") for name in names}
    status = HTTPStatus.OK if problems == NONE else HTTPStatus.UNPROCESSABLE_ENTITY
    return desk.page(
        template,
        status=status,
        values=values,
        ticked=desk.form.keys(),
        fresh_form=not desk.form,
        errors=problems.errors,
        problem=problems.problem,
        **more,
    )


DEEDS: Final = (
    page(PATH, show, said=SAID),
    page(f"{PATH}/export", export),
    page(f"{PATH}/new", show_new, right="manage"),
    deed(f"{PATH}/new", create, right="manage", back=f"{PATH}/new"),
    page(f"{PATH}/invite", show_invite, right="manage"),
    deed(f"{PATH}/invite", invite, right="manage", back=f"{PATH}/invite"),
)
