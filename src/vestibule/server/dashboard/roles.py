"""Roles and what they allow: the environment's, for every organization, and those of a single one."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from starlette.responses import Response

from vestibule.server.dashboard import organization as organization_pages
from vestibule.server.dashboard.deeds import deed, page
from vestibule.server.dashboard.desk import Desk
from vestibule.server.dashboard.mistakes import NONE, REFUSALS, Mistakes, mistakes
from vestibule.server.dashboard.role_matrix import (
    MOST_FIELDS,
    MOST_PERMISSIONS,
    ROWS,
    Changes,
    matrix,
    read_changes,
    was_changed_meanwhile,
    with_changes,
)
from vestibule.server.identity.memberships import with_both_sides
from vestibule.server.identity.models import Organization, Permission, Role
from vestibule.server.identity.paging import Page
from vestibule.server.identity.permissions import list_permissions
from vestibule.server.identity.roles import (
    NEEDED,
    change_permissions,
    create_role,
    delete_role,
    get_role,
    list_holders,
    list_roles,
    update_role,
)

SHARED: Final = "/dashboard/roles"
OWN: Final = f"{organization_pages.OWN}/roles"
SAID: Final = {
    "created": "The role is there. Tick what it allows.",
    "saved": "Saved. Tokens carry the change from their next refresh on.",
    "merged": "Saved. Somebody else has changed these roles meanwhile: that is kept, and shown here.",
    "same": "Nothing was changed, so there was nothing to save.",
    "deleted": "The role is deleted.",
    "permission-created": "The permission is there. Tick the roles that shall have it.",
    "permission-deleted": "The permission is deleted, and no role has it any more.",
}
SAID_OF_ONE: Final = {"saved": "Saved."}
IN_FORM: Final = {"role_slug_conflict": "slug", "organization_role_slug_conflict": "slug"}
NO_FORM: Final = "This is not the form of this page: load the page again."
MOST_HOLDERS: Final = 20


@dataclass(frozen=True, slots=True)
class Place:
    """Whose roles: those of the organization in the address, or of the environment."""

    path: str
    organization: Organization | None = None

    @property
    def organization_id(self) -> str | None:
        return None if self.organization is None else self.organization.id


def asked_place(desk: Desk) -> Place:
    if "organization_id" not in desk.request.path_params:
        return Place(SHARED)
    organization = organization_pages.opened(desk)
    return Place(f"{organization_pages.place(organization)}/roles", organization)


def shown(desk: Desk, at: Place, template: str, *, problems: Mistakes = NONE, **context: Any) -> Response:
    """As a page, or as a tab of its organization."""
    context |= {"own_path": at.path, "layout": "dashboard/layout.html"}
    if at.organization is not None:
        context["layout"] = "dashboard/organizations/layout.html"
        return organization_pages.tab(
            desk, f"roles/{template}", at.organization, problems=problems, **context
        )
    return desk.page(
        f"roles/{template}",
        status=HTTPStatus.OK if problems is NONE else HTTPStatus.UNPROCESSABLE_ENTITY,
        errors=problems.errors,
        problem=problems.problem,
        organization=None,
        **context,
    )


def show(desk: Desk, problems: Mistakes = NONE, changes: Changes | None = None) -> Response:
    at = asked_place(desk)
    every = list_roles(desk.identity, organization_id=at.organization_id)
    columns = [each for each in every if each.organization_id == at.organization_id]
    typed = desk.query("q").strip()[:100]
    rows = _rows(desk, typed)
    number = int(desk.query("page")) if desk.query("page").isdecimal() and len(desk.query("page")) < 4 else 1
    last = max(1, -(-len(rows) // ROWS))
    number = min(max(number, 1), last)
    table = matrix(columns, rows[(number - 1) * ROWS : number * ROWS])
    return shown(
        desk,
        at,
        "matrix.html",
        problems=problems,
        matrix=with_changes(table, changes or {}),
        shared=[each for each in every if each.organization_id is None],
        typed=typed,
        number=number,
        last=last,
    )


def _rows(desk: Desk, typed: str) -> list[Permission]:
    """By slug, so that those of one thing stand together."""
    every = list_permissions(desk.identity, Page(limit=MOST_PERMISSIONS, order="asc")).data
    wanted = typed.casefold()
    found = [each for each in every if wanted in each.slug.casefold() or wanted in each.name.casefold()]
    return sorted(found, key=lambda each: each.slug)


def save(desk: Desk) -> Response:
    at = asked_place(desk)
    changes = read_changes(desk.form)
    if changes is None:
        return show(desk, Mistakes(problem=NO_FORM))
    try:
        after = change_permissions(desk.identity, changes, organization_id=at.organization_id)
    except REFUSALS as error:
        problems = mistakes(error)
        message = f"{problems.problem} Somebody may have deleted it meanwhile. Nothing was saved yet."
        return show(desk, Mistakes(problem=message), changes)
    done = "same" if not changes else "merged" if was_changed_meanwhile(desk.form, after) else "saved"
    kept = {name: desk.query(name) for name in ("q", "page") if desk.query(name)}
    return desk.go(at.path, done=done, **kept)


def show_new(desk: Desk, problems: Mistakes = NONE) -> Response:
    values = {name: desk.form.get(name, "") for name in ("name", "slug", "description")}
    return shown(desk, asked_place(desk), "new.html", problems=problems, values=values)


def create(desk: Desk) -> Response:
    at = asked_place(desk)
    slug = desk.form.get("slug", "").strip()
    try:
        create_role(
            desk.identity,
            name=desk.form.get("name", ""),
            slug=slug if slug or at.organization is None else None,
            description=desk.form.get("description", "").strip() or None,
            organization_id=at.organization_id,
        )
    except REFUSALS as error:
        return show_new(desk, mistakes(error, IN_FORM))
    return desk.go(at.path, done="created")


def show_one(desk: Desk, problems: Mistakes = NONE) -> Response:
    at = asked_place(desk)
    role = get_role(desk.identity, desk.path("slug"), organization_id=at.organization_id)
    holders = () if at.organization else list_holders(desk.identity, role.slug, most=MOST_HOLDERS + 1)
    return shown(
        desk,
        at,
        "role.html",
        problems=problems,
        role=role,
        needed=at.organization is None and role.slug in NEEDED,
        holders=with_both_sides(desk.identity, holders[:MOST_HOLDERS]),
        more_holders=len(holders) > MOST_HOLDERS,
        values=_values(desk, role),
    )


def _values(desk: Desk, role: Role) -> dict[str, str]:
    kept = {"name": role.name, "description": role.description or ""}
    return {name: desk.form.get(name, value) for name, value in kept.items()}


def save_one(desk: Desk) -> Response:
    at, slug = asked_place(desk), desk.path("slug")
    try:
        update_role(
            desk.identity,
            slug,
            organization_id=at.organization_id,
            name=desk.form.get("name", ""),
            description=desk.form.get("description", "").strip() or None,
        )
    except REFUSALS as error:
        return show_one(desk, mistakes(error))
    return desk.go(f"{at.path}/edit/{slug}", done="saved")


def delete(desk: Desk) -> Response:
    at, slug = asked_place(desk), desk.path("slug")
    get_role(desk.identity, slug, organization_id=at.organization_id)
    if desk.form.get("confirmation", "").strip() != slug:
        return show_one(desk, Mistakes({"confirmation": f"Type {slug} to delete this role."}))
    try:
        delete_role(desk.identity, slug, organization_id=at.organization_id)
    except REFUSALS as error:
        return show_one(desk, mistakes(error))
    return desk.go(at.path, done="deleted")


def _deeds(path: str) -> tuple[Any, ...]:
    one = path + "/edit/{slug}"
    return (
        page(path, show, said=SAID),
        deed(path, save, right="manage", back=path, most_fields=MOST_FIELDS),
        page(f"{path}/new", show_new, right="manage"),
        deed(f"{path}/new", create, right="manage", back=f"{path}/new"),
        page(one, show_one, said=SAID_OF_ONE),
        deed(one, save_one, right="manage", back=one),
        deed(f"{one}/delete", delete, right="manage", back=one, fresh=True),
    )


DEEDS: Final = (*_deeds(SHARED), *_deeds(OWN))
