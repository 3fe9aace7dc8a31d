"""Permissions: the words that an app asks about."""

from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from vestibule.server.dashboard.deeds import deed, page
from vestibule.server.dashboard.desk import Desk
from vestibule.server.dashboard.mistakes import NONE, REFUSALS, Mistakes, mistakes
from vestibule.server.dashboard.roles import SHARED
from vestibule.server.identity.permissions import (
    create_permission,
    delete_permission,
    get_permission,
    update_permission,
)
from vestibule.server.identity.roles import list_roles_with

NEW: Final = f"{SHARED}/permissions/new"
ONE: Final = f"{SHARED}/permissions"
"""With `slug` in the query or the form: a permission may have slashes in it."""
SAID: Final = {"saved": "Saved."}
MOST_ROLES: Final = 50


def show_new(desk: Desk, problems: Mistakes = NONE) -> Response:
    return desk.page(
        "roles/new-permission.html",
        status=HTTPStatus.OK if problems is NONE else HTTPStatus.UNPROCESSABLE_ENTITY,
        values={name: desk.form.get(name, "") for name in ("slug", "name", "description")},
        errors=problems.errors,
        problem=problems.problem,
    )


def create(desk: Desk) -> Response:
    slug = desk.form.get("slug", "").strip()
    try:
        create_permission(
            desk.identity,
            slug=slug,
            name=desk.form.get("name", "").strip() or slug,
            description=desk.form.get("description", "").strip() or None,
        )
    except REFUSALS as error:
        return show_new(desk, mistakes(error, {"permission_slug_conflict": "slug"}))
    return desk.go(SHARED, done="permission-created")


def show_one(desk: Desk, problems: Mistakes = NONE) -> Response:
    permission = get_permission(desk.identity, _slug(desk))
    kept = {"name": permission.name, "description": permission.description or ""}
    return desk.page(
        "roles/permission.html",
        status=HTTPStatus.OK if problems is NONE else HTTPStatus.UNPROCESSABLE_ENTITY,
        permission=permission,
        roles=list_roles_with(desk.identity, permission.slug, most=MOST_ROLES),
        values={name: desk.form.get(name, value) for name, value in kept.items()},
        errors=problems.errors,
        problem=problems.problem,
    )


def save(desk: Desk) -> Response:
    slug = _slug(desk)
    try:
        update_permission(
            desk.identity,
            slug,
            name=desk.form.get("name", ""),
            description=desk.form.get("description", "").strip() or None,
        )
    except REFUSALS as error:
        return show_one(desk, mistakes(error))
    return desk.go(ONE, done="saved", slug=slug)


def delete(desk: Desk) -> Response:
    slug = _slug(desk)
    get_permission(desk.identity, slug)
    if desk.form.get("confirmation", "").strip() != slug:
        return show_one(desk, Mistakes({"confirmation": f"Type {slug} to delete this permission."}))
    try:
        delete_permission(desk.identity, slug)
    except REFUSALS as error:
        return show_one(desk, mistakes(error))
    return desk.go(SHARED, done="permission-deleted")


def _slug(desk: Desk) -> str:
    given = desk.form.get("slug") or desk.query("slug")
    return "" if "\x00" in given else given


DEEDS: Final = (
    page(NEW, show_new, right="manage"),
    deed(NEW, create, right="manage", back=NEW),
    page(ONE, show_one, said=SAID),
    deed(ONE, save, right="manage", back=SHARED),
    deed(f"{ONE}/delete", delete, right="manage", back=SHARED, fresh=True),
)
