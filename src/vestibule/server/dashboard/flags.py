"""Feature flags: what is on, and for whom."""

from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from vestibule.server.dashboard.deeds import deed, page
from vestibule.server.dashboard.desk import Desk
from vestibule.server.dashboard.mistakes import NONE, REFUSALS, Mistakes, mistakes
from vestibule.server.dashboard.organizations import asked_page
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Invalid, NotFound
from vestibule.server.identity.flags import (
    add_target,
    create_flag,
    delete_flag,
    get_flag,
    list_flags,
    list_targets,
    remove_target,
    update_flag,
)
from vestibule.server.identity.users import find_user_by_email

PATH: Final = "/dashboard/flags"
NEW: Final = f"{PATH}/new"
ONE: Final = PATH + "/{slug}"
SAID: Final = {"deleted": "The flag is deleted: it is on for nobody."}
SAID_OF_ONE: Final = {
    "created": "The flag is there, and off. Choose for whom it shall be on, then switch it on.",
    "saved": "Saved. Tokens follow at their next refresh.",
    "on": "The flag is on. Tokens say so from their next refresh on.",
    "off": "The flag is off, for everybody. Tokens say so from their next refresh on.",
    "added": "Added. Tokens say so from their next refresh on.",
    "removed": "Removed. Tokens say so from their next refresh on.",
}
MOST_TARGETS: Final = 200
IN_FORM: Final = {"feature_flag_exists": "slug", "entity_not_found": "target"}


def show(desk: Desk) -> Response:
    return desk.page("flags/list.html", found=list_flags(desk.identity, asked_page(desk)))


def show_new(desk: Desk, problems: Mistakes = NONE) -> Response:
    return desk.page(
        "flags/new.html",
        status=HTTPStatus.OK if problems is NONE else HTTPStatus.UNPROCESSABLE_ENTITY,
        values={name: desk.form.get(name, "") for name in ("slug", "name", "description")},
        errors=problems.errors,
        problem=problems.problem,
    )


def create(desk: Desk) -> Response:
    slug = desk.form.get("slug", "").strip()
    try:
        made = create_flag(
            desk.identity,
            slug=slug,
            name=desk.form.get("name", "").strip() or None,
            description=desk.form.get("description", "").strip() or None,
        )
    except REFUSALS as error:
        return show_new(desk, mistakes(error, IN_FORM))
    return desk.go(f"{PATH}/{made.slug}", done="created")


def show_one(desk: Desk, problems: Mistakes = NONE) -> Response:
    flag = get_flag(desk.identity, desk.path("slug"))
    users, organizations = list_targets(desk.identity, flag.slug, most=MOST_TARGETS)
    kept = {"name": flag.name, "description": flag.description or "", "target": ""}
    sent = desk.form if problems is not NONE else {}
    return desk.page(
        "flags/flag.html",
        status=HTTPStatus.OK if problems is NONE else HTTPStatus.UNPROCESSABLE_ENTITY,
        flag=flag,
        users=users,
        organizations=organizations,
        most_targets=MOST_TARGETS,
        values={name: sent.get(name, value) for name, value in kept.items()},
        for_everybody="default_value" in sent if "name" in sent else flag.default_value,
        errors=problems.errors,
        problem=problems.problem,
    )


def save(desk: Desk) -> Response:
    slug = desk.path("slug")
    changes = {
        "name": desk.form.get("name", ""),
        "description": desk.form.get("description", "").strip() or None,
        "default_value": "default_value" in desk.form,
    }
    try:
        update_flag(desk.identity, slug, changes=changes)
    except REFUSALS as error:
        return show_one(desk, mistakes(error))
    return desk.go(f"{PATH}/{slug}", done="saved")


def switch(desk: Desk) -> Response:
    slug, on = desk.path("slug"), desk.form.get("enabled") == "on"
    update_flag(desk.identity, slug, changes={"enabled": on})
    return desk.go(f"{PATH}/{slug}", done="on" if on else "off")


def aim(desk: Desk) -> Response:
    slug = desk.path("slug")
    try:
        add_target(desk.identity, slug, _meant(desk.identity, desk.form.get("target", "").strip()))
    except REFUSALS as error:
        return show_one(desk, mistakes(error, IN_FORM))
    return desk.go(f"{PATH}/{slug}", done="added")


def _meant(identity: Identity, target: str) -> str:
    if not target or "\x00" in target:
        message = "Name an address, or the id of a user or an organization."
        raise Invalid.field("target", "target_missing", message)
    if "@" not in target:
        return target
    found = find_user_by_email(identity, target)
    if found is None:
        raise Invalid.field("target", "user_not_found", "Nobody has an account with this address.")
    return found.id


def spare(desk: Desk) -> Response:
    slug = desk.path("slug")
    try:
        remove_target(desk.identity, slug, desk.form.get("target", ""))
    except NotFound:
        get_flag(desk.identity, slug)  # what is no target any more needs no removing
    return desk.go(f"{PATH}/{slug}", done="removed")


def delete(desk: Desk) -> Response:
    slug = desk.path("slug")
    get_flag(desk.identity, slug)
    if desk.form.get("confirmation", "").strip() != slug:
        return show_one(desk, Mistakes({"confirmation": f"Type {slug} to delete this flag."}))
    delete_flag(desk.identity, slug)
    return desk.go(PATH, done="deleted")


DEEDS: Final = (
    page(PATH, show, said=SAID),
    page(NEW, show_new, right="manage"),
    deed(NEW, create, right="manage", back=NEW),
    page(ONE, show_one, said=SAID_OF_ONE),
    deed(ONE, save, right="manage", back=ONE),
    deed(f"{ONE}/switch", switch, right="manage", back=ONE),
    deed(f"{ONE}/targets", aim, right="manage", back=ONE),
    deed(f"{ONE}/targets/remove", spare, right="manage", back=ONE),
    deed(f"{ONE}/delete", delete, right="manage", back=ONE, fresh=True),
)
