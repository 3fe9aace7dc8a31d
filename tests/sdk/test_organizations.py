"""Organizations and who belongs to them."""

import pytest
from workos import NotFoundError, WorkOSClient
from workos.organization_membership._resource import RoleMultiple, RoleSingle

from tests.sdk.conftest import new_email
from tests.sdk.node import Node, NodeError

LIFE = (
    "POST /organizations",
    "GET /organizations",
    "GET /organizations/{id}",
    "PUT /organizations/{id}",
    "DELETE /organizations/{id}",
    "GET /organizations/external_id/{external_id}",
)
MEMBERSHIPS = (
    "POST /user_management/organization_memberships",
    "GET /user_management/organization_memberships",
    "GET /user_management/organization_memberships/{id}",
    "PUT /user_management/organization_memberships/{id}",
    "DELETE /user_management/organization_memberships/{id}",
    "PUT /user_management/organization_memberships/{id}/deactivate",
    "PUT /user_management/organization_memberships/{id}/reactivate",
)


@pytest.mark.covers(*LIFE)
def test_an_organization_lives_in_python(sdk: WorkOSClient) -> None:
    organizations = sdk.organizations
    made = organizations.create_organization(name="Acme", metadata={"tier": "gold"})
    changed = organizations.update_organization(made.id, name="Acme Ltd", external_id=f"external-{made.id}")
    assert (changed.name, changed.metadata) == ("Acme Ltd", {"tier": "gold"})
    assert organizations.get_organization(made.id).name == "Acme Ltd"
    assert organizations.get_organization_by_external_id(f"external-{made.id}").id == made.id
    others = [organizations.create_organization(name=f"Walked {made.id} {number}").id for number in range(5)]
    page = organizations.list_organizations(limit=2, search=f"Walked {made.id}")
    assert [each.id for each in page.auto_paging_iter()] == others[::-1]
    organizations.delete_organization(made.id)
    with pytest.raises(NotFoundError):
        organizations.get_organization(made.id)


@pytest.mark.covers(*LIFE)
def test_an_organization_lives_in_node(node: Node) -> None:
    made = node("organizations.createOrganization", {"name": "Acme", "metadata": {"tier": "gold"}})
    external_id = f"external-{made['id']}"
    more = {"organization": made["id"], "name": "Acme Ltd", "externalId": external_id}
    changed = node("organizations.updateOrganization", more)
    assert (changed["name"], changed["metadata"]) == ("Acme Ltd", {"tier": "gold"})
    assert node("organizations.getOrganization", made["id"])["name"] == "Acme Ltd"
    assert node("organizations.getOrganizationByExternalId", external_id)["id"] == made["id"]
    listed = node("organizations.listOrganizations", {"limit": 1})
    assert [each["id"] for each in listed["data"]] == [made["id"]]
    assert listed["listMetadata"]["before"] is None
    node("organizations.deleteOrganization", made["id"])
    with pytest.raises(NodeError) as gone:
        node("organizations.getOrganization", made["id"])
    assert gone.value.name == "NotFoundException"


def test_node_walks_all_pages(node: Node) -> None:
    user = node("userManagement.createUser", {"email": new_email()})["id"]
    made = [
        node("userManagement.createOrganizationMembership", {"userId": user, "organizationId": each})["id"]
        for each in [
            node("organizations.createOrganization", {"name": f"W{number}"})["id"] for number in range(13)
        ]
    ]
    walked = node("userManagement.listOrganizationMemberships", {"userId": user}, then="autoPagination")
    assert [each["id"] for each in walked] == made[::-1]


@pytest.mark.covers(*MEMBERSHIPS)
def test_a_membership_lives_in_python(sdk: WorkOSClient) -> None:
    memberships = sdk.organization_membership
    user = sdk.user_management.create_user(email=new_email())
    organization = sdk.organizations.create_organization(name="Members")
    made = memberships.create_organization_membership(
        user_id=user.id, organization_id=organization.id, role=RoleSingle("admin")
    )
    assert (made.role.slug, made.status, made.user_id) == ("admin", "active", user.id)
    changed = memberships.update_organization_membership(made.id, role=RoleMultiple(["member"]))
    assert changed.role.slug == "member"
    assert memberships.deactivate_organization_membership(made.id).status == "inactive"
    inactive = memberships.list_organization_memberships(user_id=user.id, statuses=["inactive", "pending"])
    assert [each.id for each in inactive.data] == [made.id]
    assert memberships.list_organization_memberships(user_id=user.id, statuses=["active"]).data == []
    assert memberships.reactivate_organization_membership(made.id).status == "active"
    assert memberships.get_organization_membership(made.id).organization_id == organization.id
    memberships.delete_organization_membership(made.id)
    with pytest.raises(NotFoundError):
        memberships.get_organization_membership(made.id)


@pytest.mark.covers(*MEMBERSHIPS)
def test_a_membership_lives_in_node(node: Node) -> None:
    user = node("userManagement.createUser", {"email": new_email()})["id"]
    organization = node("organizations.createOrganization", {"name": "Members"})["id"]
    given = {"userId": user, "organizationId": organization, "roleSlug": "admin"}
    made = node("userManagement.createOrganizationMembership", given)
    assert (made["role"], made["status"], made["userId"]) == ({"slug": "admin"}, "active", user)
    changed = node("userManagement.updateOrganizationMembership", made["id"], {"roleSlugs": ["member"]})
    assert changed["role"] == {"slug": "member"}
    assert node("userManagement.deactivateOrganizationMembership", made["id"])["status"] == "inactive"
    asked = {"userId": user, "statuses": ["inactive", "pending"]}
    listed = node("userManagement.listOrganizationMemberships", asked)["data"]
    assert [each["id"] for each in listed] == [made["id"]]
    assert node("userManagement.listOrganizationMemberships", asked | {"statuses": ["active"]})["data"] == []
    assert node("userManagement.reactivateOrganizationMembership", made["id"])["status"] == "active"
    assert node("userManagement.getOrganizationMembership", made["id"])["organizationId"] == organization
    node("userManagement.deleteOrganizationMembership", made["id"])
    with pytest.raises(NodeError):
        node("userManagement.getOrganizationMembership", made["id"])
