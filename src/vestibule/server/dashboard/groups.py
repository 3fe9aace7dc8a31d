"""Groups of an organization's members, such as a department."""

from typing import Final

from starlette.responses import Response

from vestibule.server.dashboard.deeds import deed, page
from vestibule.server.dashboard.desk import Desk
from vestibule.server.dashboard.mistakes import NONE, REFUSALS, Mistakes, mistakes
from vestibule.server.dashboard.organization import OWN, opened, place, tab
from vestibule.server.dashboard.organizations import asked_page
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Invalid, NotFound
from vestibule.server.identity.groups import (
    add_to_group,
    create_group,
    delete_group,
    get_group,
    list_group_members,
    list_groups,
    remove_from_group,
    update_group,
)
from vestibule.server.identity.memberships import find_member, with_both_sides
from vestibule.server.identity.users import find_user_by_email

HERE: Final = f"{OWN}/groups"
ONE: Final = HERE + "/{group_id}"
SAID: Final = {"deleted": "The group is deleted. Its members stay members of the organization."}
SAID_OF_ONE: Final = {
    "created": "The group is there. Add its members.",
    "saved": "Saved.",
    "added": "The member is in the group.",
    "removed": "The member is out of the group, and still in the organization.",
}


def show(desk: Desk, problems: Mistakes = NONE) -> Response:
    organization = opened(desk)
    return tab(
        desk,
        "organizations/groups.html",
        organization,
        problems=problems,
        values={"name": "", "description": "", **desk.form},
        found=list_groups(desk.identity, asked_page(desk), organization_id=organization.id),
    )


def create(desk: Desk) -> Response:
    organization = opened(desk)
    try:
        made = create_group(
            desk.identity,
            organization_id=organization.id,
            name=desk.form.get("name", ""),
            description=desk.form.get("description", "").strip() or None,
        )
    except REFUSALS as error:
        return show(desk, mistakes(error))
    return desk.go(f"{place(organization)}/groups/{made.id}", done="created")


def show_one(desk: Desk, problems: Mistakes = NONE) -> Response:
    organization = opened(desk)
    group = get_group(desk.identity, desk.path("group_id"), organization_id=organization.id)
    found = list_group_members(
        desk.identity, asked_page(desk), organization_id=organization.id, group_id=group.id
    )
    kept = {"name": group.name, "description": group.description or "", "who": ""}
    return tab(
        desk,
        "organizations/group.html",
        organization,
        problems=problems,
        values={**kept, **desk.form},
        group=group,
        found=found,
        members=[(each, user) for each, _, user in with_both_sides(desk.identity, found.data)],
    )


def save(desk: Desk) -> Response:
    organization, group_id = opened(desk), desk.path("group_id")
    changes = {name: desk.form.get(name, "").strip() or None for name in ("name", "description")}
    try:
        update_group(desk.identity, group_id, organization_id=organization.id, changes=changes)
    except REFUSALS as error:
        return show_one(desk, mistakes(error))
    return desk.go(f"{place(organization)}/groups/{group_id}", done="saved")


def add(desk: Desk) -> Response:
    organization, group_id = opened(desk), desk.path("group_id")
    try:
        member = _meant(desk.identity, organization.id, desk.form.get("who", "").strip())
        add_to_group(desk.identity, group_id, organization_id=organization.id, membership_id=member)
    except REFUSALS as error:
        return show_one(desk, mistakes(error))
    return desk.go(f"{place(organization)}/groups/{group_id}", done="added")


def _meant(identity: Identity, organization_id: str, who: str) -> str:
    user = find_user_by_email(identity, who) if "@" in who else None
    found = find_member(identity, user.id, organization_id) if user is not None else None
    if found is None:
        message = "No member of this organization has this address."
        raise Invalid.field("who", "member_not_found", message)
    return found.id


def remove(desk: Desk) -> Response:
    organization, group_id = opened(desk), desk.path("group_id")
    membership_id = desk.form.get("membership_id", "")
    try:
        remove_from_group(
            desk.identity, group_id, organization_id=organization.id, membership_id=membership_id
        )
    except NotFound:
        get_group(desk.identity, group_id, organization_id=organization.id)
    return desk.go(f"{place(organization)}/groups/{group_id}", done="removed")


def delete(desk: Desk) -> Response:
    organization, group_id = opened(desk), desk.path("group_id")
    group = get_group(desk.identity, group_id, organization_id=organization.id)
    if desk.form.get("confirmation", "").strip() != group.name.strip():
        return show_one(desk, Mistakes({"confirmation": f"Type {group.name} to delete this group."}))
    delete_group(desk.identity, group_id, organization_id=organization.id)
    return desk.go(f"{place(organization)}/groups", done="deleted")


DEEDS: Final = (
    page(HERE, show, said=SAID),
    deed(HERE, create, right="manage", back=HERE),
    page(ONE, show_one, said=SAID_OF_ONE),
    deed(ONE, save, right="manage", back=ONE),
    deed(f"{ONE}/members", add, right="manage", back=ONE),
    deed(f"{ONE}/members/remove", remove, right="manage", back=ONE),
    deed(f"{ONE}/delete", delete, right="manage", back=ONE),
)
