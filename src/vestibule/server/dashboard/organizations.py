"""The organizations there are, found while one types, and the form that makes one."""

from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from vestibule.server.dashboard.deeds import deed, page
from vestibule.server.dashboard.desk import Desk
from vestibule.server.dashboard.mistakes import NONE, REFUSALS, Mistakes, mistakes
from vestibule.server.identity.domains import list_domains
from vestibule.server.identity.organizations import (
    create_organization,
    list_organizations,
    search_organizations,
)
from vestibule.server.identity.paging import Page, Slice

PATH: Final = "/dashboard/organizations"
NEW: Final = f"{PATH}/new"
A_PAGE: Final = 25
MOST_FOUND: Final = 50
SAID: Final = {"deleted": "The organization is deleted, and its members are signed out of it."}
IN_FORM: Final = {"external_id_already_used": "external_id", "domain_already_exists": "domain"}


def asked_page(desk: Desk, limit: int = A_PAGE) -> Page:
    """As the query says it. Only one of both is ever in a link."""
    before, after = desk.query("before")[:100] or None, desk.query("after")[:100] or None
    return Page(limit=limit, before=before, after=None if before else after)


def show(desk: Desk) -> Response:
    typed = desk.query("q").strip()[:200]
    if typed:
        found = search_organizations(desk.identity, typed, most=MOST_FOUND + 1)
        slice_ = Slice(found[:MOST_FOUND], None, None)
    else:
        slice_ = list_organizations(desk.identity, asked_page(desk))
    return desk.page(
        "organizations/list.html",
        typed=typed,
        found=slice_,
        more=bool(typed) and len(found) > MOST_FOUND,
        domains=list_domains(desk.identity, [each.id for each in slice_.data]),
    )


def show_new(desk: Desk, problems: Mistakes = NONE) -> Response:
    return desk.page(
        "organizations/new.html",
        status=HTTPStatus.OK if problems is NONE else HTTPStatus.UNPROCESSABLE_ENTITY,
        values={name: desk.form.get(name, "") for name in ("name", "domain", "external_id")},
        errors=problems.errors,
        problem=problems.problem,
    )


def create(desk: Desk) -> Response:
    domain = desk.form.get("domain", "").strip()
    try:
        made = create_organization(
            desk.identity,
            name=desk.form.get("name", ""),
            external_id=desk.form.get("external_id", "").strip() or None,
            domain_data=[{"domain": domain, "state": "pending"}] if domain else (),
        )
    except REFUSALS as error:
        return show_new(desk, mistakes(error, IN_FORM))
    return desk.go(f"{PATH}/{made.id}", done="created")


DEEDS: Final = (
    page(PATH, show, said=SAID),
    page(NEW, show_new, right="manage"),
    deed(PATH, create, right="manage", back=NEW),
)
