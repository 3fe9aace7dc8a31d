"""Groups of an organization's members."""

from typing import Any, Final, Literal

from msgspec import Struct

from vestibule.server.api.bodies import UNSET, Body, Line, Text, Unset, given
from vestibule.server.api.memberships import show_memberships
from vestibule.server.api.operation import Call, Operations
from vestibule.server.api.shapes import MembershipShape, list_of, show, show_list
from vestibule.server.identity import groups

operations = Operations("groups")

PATH: Final = "/organizations/{organizationId}/groups"
MEMBERS: Final = PATH + "/{groupId}/organization-memberships"


class GroupShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["group"] = "group"
    id: str
    organization_id: str
    name: str
    description: str | None
    created_at: str
    updated_at: str


class CreateGroup(Body):
    name: Line
    description: Text | Unset | None = UNSET


class UpdateGroup(Body):
    name: Line | Unset = UNSET
    description: Text | Unset | None = UNSET


class AddMember(Body):
    organization_membership_id: Line


def _group(call: Call[Any]) -> dict[str, str]:
    return {"group_id": call.path["groupId"], "organization_id": call.path["organizationId"]}


@operations.post(PATH, body=CreateGroup, answers=GroupShape, status=201)
def create_group(call: Call[CreateGroup]) -> GroupShape:
    """Create a group in an organization."""
    values = given(call.body)
    return show(
        GroupShape,
        groups.create_group(call.identity, organization_id=call.path["organizationId"], **values),
    )


@operations.get(PATH, answers=GroupShape, lists=True)
def list_groups(call: Call[None]) -> dict[str, Any]:
    """List the groups of an organization."""
    found = groups.list_groups(call.identity, call.listing.page, organization_id=call.path["organizationId"])
    return show_list(GroupShape, found, call.listing)


@operations.get(PATH + "/{groupId}", answers=GroupShape)
def get_group(call: Call[None]) -> GroupShape:
    """Get a group."""
    return show(GroupShape, groups.get_group(call.identity, **_group(call)))


@operations.patch(PATH + "/{groupId}", body=UpdateGroup, answers=GroupShape)
def update_group(call: Call[UpdateGroup]) -> GroupShape:
    """Change the members that are sent."""
    changes = given(call.body)
    return show(GroupShape, groups.update_group(call.identity, **_group(call), changes=changes))


@operations.delete(PATH + "/{groupId}", status=204)
def delete_group(call: Call[None]) -> None:
    """Delete a group; its members stay in the organization."""
    groups.delete_group(call.identity, **_group(call))


@operations.post(MEMBERS, body=AddMember, answers=GroupShape)
def add_group_member(call: Call[AddMember]) -> GroupShape:
    """Add a membership of the same organization to a group."""
    membership_id = call.body.organization_membership_id
    return show(GroupShape, groups.add_to_group(call.identity, **_group(call), membership_id=membership_id))


@operations.get(MEMBERS, answers=MembershipShape, lists=True)
def list_group_members(call: Call[None]) -> dict[str, Any]:
    """List the memberships in a group."""
    found = groups.list_group_members(call.identity, call.listing.page, **_group(call))
    return list_of(show_memberships(call.identity, found.data), call.listing.metadata(found))


@operations.delete(MEMBERS + "/{omId}", status=204)
def remove_group_member(call: Call[None]) -> None:
    """Take a membership out of a group."""
    groups.remove_from_group(call.identity, **_group(call), membership_id=call.path["omId"])


@operations.get("/user_management/organization_memberships/{omId}/groups", answers=GroupShape, lists=True)
def list_membership_groups(call: Call[None]) -> dict[str, Any]:
    """List the groups that a membership is in."""
    found = groups.list_groups_of_member(call.identity, call.listing.page, membership_id=call.path["omId"])
    return show_list(GroupShape, found, call.listing)
