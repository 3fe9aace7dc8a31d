"""Groups of members inside an organization."""

import pytest
from workos import NotFoundError, WorkOSClient

from tests.sdk.conftest import new_email
from tests.sdk.node import Node, NodeError

GROUPS = "/organizations/{organizationId}/groups"
LIFE = (
    f"POST {GROUPS}",
    f"GET {GROUPS}",
    f"GET {GROUPS}/{{groupId}}",
    f"PATCH {GROUPS}/{{groupId}}",
    f"DELETE {GROUPS}/{{groupId}}",
    f"POST {GROUPS}/{{groupId}}/organization-memberships",
    f"GET {GROUPS}/{{groupId}}/organization-memberships",
    f"DELETE {GROUPS}/{{groupId}}/organization-memberships/{{omId}}",
    "GET /user_management/organization_memberships/{omId}/groups",
)


@pytest.mark.covers(*LIFE)
def test_a_group_lives_in_python(sdk: WorkOSClient) -> None:
    groups = sdk.groups
    home, other = (sdk.organizations.create_organization(name=name).id for name in ("Home", "Other"))
    user = sdk.user_management.create_user(email=new_email())
    member = sdk.organization_membership.create_organization_membership(user_id=user.id, organization_id=home)
    made = groups.create_organization_group(home, name="Engineering", description="Builds")
    assert (made.name, made.description, made.organization_id) == ("Engineering", "Builds", home)
    assert groups.update_organization_group(home, made.id, name="Builders").name == "Builders"
    assert groups.get_organization_group(home, made.id).description == "Builds"
    assert [each.id for each in groups.list_organization_groups(home).data] == [made.id]
    assert groups.list_organization_groups(other).data == []
    groups.create_group_organization_membership(home, made.id, organization_membership_id=member.id)
    inside = groups.list_group_organization_memberships(home, made.id).data
    assert [each.id for each in inside] == [member.id]
    of_member = sdk.organization_membership.list_organization_membership_groups(member.id).data
    assert [each.id for each in of_member] == [made.id]
    with pytest.raises(NotFoundError):
        groups.get_organization_group(other, made.id)
    groups.delete_group_organization_membership(home, made.id, member.id)
    assert groups.list_group_organization_memberships(home, made.id).data == []
    groups.delete_organization_group(home, made.id)
    with pytest.raises(NotFoundError):
        groups.get_organization_group(home, made.id)


@pytest.mark.covers(*LIFE)
def test_a_group_lives_in_node(node: Node) -> None:
    home = node("organizations.createOrganization", {"name": "Home"})["id"]
    user = node("userManagement.createUser", {"email": new_email()})["id"]
    given = {"userId": user, "organizationId": home}
    member = node("userManagement.createOrganizationMembership", given)["id"]
    place = {"organizationId": home}
    made = node("groups.createGroup", place | {"name": "Engineering", "description": "Builds"})
    assert (made["name"], made["description"], made["organizationId"]) == ("Engineering", "Builds", home)
    group = place | {"groupId": made["id"]}
    changed = node("groups.updateGroup", group | {"name": "Builders", "description": "Builds"})
    assert (changed["name"], changed["description"]) == ("Builders", "Builds")
    assert node("groups.getGroup", group)["name"] == "Builders"
    assert [each["id"] for each in node("groups.listGroups", place)["data"]] == [made["id"]]
    node("groups.addOrganizationMembership", group | {"organizationMembershipId": member})
    inside = node("groups.listOrganizationMemberships", group)["data"]
    assert [each["id"] for each in inside] == [member]
    asked = {"organizationMembershipId": member}
    of_member = node("userManagement.listGroupsForOrganizationMembership", asked)["data"]
    assert [each["id"] for each in of_member] == [made["id"]]
    node("groups.removeOrganizationMembership", group | {"organizationMembershipId": member})
    assert node("groups.listOrganizationMemberships", group)["data"] == []
    node("groups.deleteGroup", group)
    with pytest.raises(NodeError) as gone:
        node("groups.getGroup", group)
    assert gone.value.name == "NotFoundException"
