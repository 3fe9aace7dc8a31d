"""Who belongs to an organization, and in which roles."""

from typing import Final

from starlette.responses import Response

from vestibule.server.dashboard.deeds import deed, page
from vestibule.server.dashboard.desk import Desk
from vestibule.server.dashboard.mistakes import NONE, REFUSALS, Mistakes, mistakes
from vestibule.server.dashboard.organization import OWN, opened, place, tab
from vestibule.server.dashboard.organizations import MOST_FOUND, asked_page
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Invalid, NotFound
from vestibule.server.identity.memberships import (
    DEFAULT_ROLES,
    STATUSES,
    create_membership,
    deactivate_membership,
    delete_membership,
    get_membership,
    list_memberships,
    reactivate_membership,
    search_members,
    update_membership,
    with_both_sides,
)
from vestibule.server.identity.models import Membership, Organization, Role
from vestibule.server.identity.paging import Slice
from vestibule.server.identity.people import User
from vestibule.server.identity.roles import list_roles
from vestibule.server.identity.users import find_user, find_user_by_email

HERE: Final = f"{OWN}/members"
MEMBER: Final = HERE + "/{membership_id}"
SAID: Final = {
    "added": "The user is a member now.",
    "removed": "The member is removed, and signed out of the organization.",
}
SAID_OF_ONE: Final = {
    "roles": "Saved. Tokens carry the new roles from their next refresh on.",
    "deactivated": "The membership rests: the member is signed out of the organization.",
    "reactivated": "The membership is active again.",
}


def role_options(identity: Identity, organization_id: str) -> list[tuple[str, str]]:
    """Each slug once: an organization's own role takes the place of the environment's."""
    meant: dict[str, Role] = {}
    for each in list_roles(identity, organization_id=organization_id):
        if each.slug not in meant or each.organization_id is not None:
            meant[each.slug] = each
    return [(each.slug, each.name) for each in meant.values()]


def show(desk: Desk, problems: Mistakes = NONE) -> Response:
    organization = opened(desk)
    typed, status = desk.query("q").strip()[:200], desk.query("status")
    more = False
    if typed:
        found = search_members(desk.identity, organization.id, typed, most=MOST_FOUND + 1)
        more = len(found) > MOST_FOUND
        slice_ = Slice(found[:MOST_FOUND], None, None)
    else:
        wanted = (status,) if status in STATUSES else ()
        slice_ = list_memberships(
            desk.identity, asked_page(desk), organization_id=organization.id, statuses=wanted
        )
    roles = role_options(desk.identity, organization.id)
    return tab(
        desk,
        "organizations/members.html",
        organization,
        problems=problems,
        values={"who": "", "role": DEFAULT_ROLES[0], **desk.form},
        typed=typed,
        only=status if status in STATUSES else "",
        found=slice_,
        more=more,
        members=[(each, user) for each, _, user in with_both_sides(desk.identity, slice_.data)],
        roles=roles,
        names=dict(roles),
    )


def add(desk: Desk) -> Response:
    organization = opened(desk)
    try:
        user = _meant(desk.identity, desk.form.get("who", "").strip())
        create_membership(
            desk.identity,
            user_id=user.id,
            organization_id=organization.id,
            roles=[desk.form.get("role", "") or DEFAULT_ROLES[0]],
        )
    except REFUSALS as error:
        return show(desk, mistakes(error, {"organization_membership_exists": "who", "invalid_role": "role"}))
    return desk.go(f"{place(organization)}/members", done="added")


def _meant(identity: Identity, who: str) -> User:
    found = find_user_by_email(identity, who) if "@" in who else find_user(identity, who)
    if found is None:
        message = "Nobody has this address or id. Invite them by mail instead: they join when they accept."
        raise Invalid.field("who", "user_not_found", message)
    return found


def show_one(desk: Desk, problems: Mistakes = NONE) -> Response:
    organization = opened(desk)
    membership = _of(desk, organization)
    ((_, _, user),) = with_both_sides(desk.identity, [membership]) or ((None, None, None),)
    if user is None:
        raise NotFound.of("Organization membership", membership.id)
    return tab(
        desk,
        "organizations/member.html",
        organization,
        problems=problems,
        membership=membership,
        user=user,
        roles=role_options(desk.identity, organization.id),
        chosen=_chosen(desk) if problems is not NONE and "role" in desk.form else membership.roles,
    )


def save_roles(desk: Desk) -> Response:
    organization = opened(desk)
    membership = _of(desk, organization)
    try:
        update_membership(desk.identity, membership.id, roles=_chosen(desk))
    except REFUSALS as error:
        return show_one(desk, mistakes(error))
    return desk.go(f"{place(organization)}/members/{membership.id}", done="roles")


def _chosen(desk: Desk) -> list[str]:
    """The first is what apps that know one role only see."""
    first = desk.form.get("role", "")
    further = [name.removeprefix("also-") for name in desk.form if name.startswith("also-")]
    return list(dict.fromkeys(slug for slug in (first, *further) if slug))


def save_status(desk: Desk) -> Response:
    organization = opened(desk)
    membership = _of(desk, organization)
    rests = desk.form.get("action") == "deactivate"
    try:
        (deactivate_membership if rests else reactivate_membership)(desk.identity, membership.id)
    except REFUSALS as error:
        return show_one(desk, mistakes(error))
    done = "deactivated" if rests else "reactivated"
    return desk.go(f"{place(organization)}/members/{membership.id}", done=done)


def remove(desk: Desk) -> Response:
    organization = opened(desk)
    membership = _of(desk, organization)
    user = find_user(desk.identity, membership.user_id)
    if user is not None and desk.form.get("confirmation", "").strip() != user.email:
        return show_one(desk, Mistakes({"confirmation": f"Type {user.email} to remove this member."}))
    try:
        delete_membership(desk.identity, membership.id)
    except REFUSALS as error:
        return show_one(desk, mistakes(error))
    return desk.go(f"{place(organization)}/members", done="removed")


def _of(desk: Desk, organization: Organization) -> Membership:
    """Raises NotFound, for one of another organization too."""
    membership = get_membership(desk.identity, desk.path("membership_id"))
    if membership.organization_id != organization.id:
        raise NotFound.of("Organization membership", membership.id)
    return membership


DEEDS: Final = (
    page(HERE, show, said=SAID),
    deed(HERE, add, right="manage", back=HERE),
    page(MEMBER, show_one, said=SAID_OF_ONE),
    deed(f"{MEMBER}/roles", save_roles, right="manage", back=MEMBER, most_fields=200),
    deed(f"{MEMBER}/status", save_status, right="manage", back=MEMBER),
    deed(f"{MEMBER}/remove", remove, right="manage", back=MEMBER),
)
