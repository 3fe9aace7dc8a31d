"""Roles of the environment and of organizations, and the permissions they give."""

import pytest
from workos import NotFoundError, WorkOSClient

from tests.sdk.conftest import numbers
from tests.sdk.node import Node, NodeError

PERMISSIONS = (
    "POST /authorization/permissions",
    "GET /authorization/permissions",
    "GET /authorization/permissions/{slug}",
    "PATCH /authorization/permissions/{slug}",
    "DELETE /authorization/permissions/{slug}",
)
OF_ENVIRONMENT = (
    "POST /authorization/roles",
    "GET /authorization/roles",
    "GET /authorization/roles/{slug}",
    "PATCH /authorization/roles/{slug}",
    "POST /authorization/roles/{slug}/permissions",
    "PUT /authorization/roles/{slug}/permissions",
)
ROLES = "/authorization/organizations/{organizationId}/roles"
OF_ORGANIZATION = (
    f"POST {ROLES}",
    f"GET {ROLES}",
    f"GET {ROLES}/{{slug}}",
    f"PATCH {ROLES}/{{slug}}",
    f"DELETE {ROLES}/{{slug}}",
    f"POST {ROLES}/{{slug}}/permissions",
    f"PUT {ROLES}/{{slug}}/permissions",
    f"DELETE {ROLES}/{{slug}}/permissions/{{permissionSlug}}",
)


def slug(kind: str) -> str:
    return f"{kind}-{next(numbers)}"


@pytest.mark.covers(*PERMISSIONS)
def test_a_permission_lives_in_python(sdk: WorkOSClient) -> None:
    roles, name = sdk.authorization, slug("reports:read")
    made = roles.create_permission(slug=name, name="Read reports", description="Of every team")
    assert (made.slug, made.name, made.system) == (name, "Read reports", False)
    assert roles.update_permission(name, name="Read all reports").name == "Read all reports"
    assert roles.get_permission(name).description == "Of every team"
    assert name in [each.slug for each in roles.list_permissions(limit=100).data]
    roles.delete_permission(name)
    with pytest.raises(NotFoundError):
        roles.get_permission(name)


@pytest.mark.covers(*PERMISSIONS)
def test_a_permission_lives_in_node(node: Node) -> None:
    name = slug("reports:read")
    given = {"slug": name, "name": "Read reports", "description": "Of every team"}
    made = node("authorization.createPermission", given)
    assert (made["slug"], made["name"], made["system"]) == (name, "Read reports", False)
    changed = node("authorization.updatePermission", name, {"name": "Read all reports"})
    assert changed["name"] == "Read all reports"
    assert node("authorization.getPermission", name)["description"] == "Of every team"
    listed = node("authorization.listPermissions", {"limit": 100})["data"]
    assert name in [each["slug"] for each in listed]
    node("authorization.deletePermission", name)
    with pytest.raises(NodeError):
        node("authorization.getPermission", name)


@pytest.mark.covers(*OF_ENVIRONMENT)
def test_a_role_of_the_environment_lives_in_python(sdk: WorkOSClient) -> None:
    roles, role = sdk.authorization, slug("auditor")
    first, second = (roles.create_permission(slug=slug("p"), name="P").slug for _ in range(2))
    made = roles.create_environment_role(slug=role, name="Auditor", description="Looks")
    assert (made.slug, made.type, made.permissions) == (role, "EnvironmentRole", [])
    assert roles.update_environment_role(role, name="Head auditor").name == "Head auditor"
    assert roles.set_environment_role_permissions(role, permissions=[first]).permissions == [first]
    added = roles.add_environment_role_permission(role, body_slug=second)
    assert sorted(added.permissions) == sorted([first, second])
    assert sorted(roles.get_environment_role(role).permissions) == sorted([first, second])
    assert role in [each.slug for each in roles.list_environment_roles().data]


@pytest.mark.covers(*OF_ENVIRONMENT)
def test_a_role_of_the_environment_lives_in_node(node: Node) -> None:
    role, (first, second) = slug("auditor"), permissions(node)
    given = {"slug": role, "name": "Auditor", "description": "Looks"}
    made = node("authorization.createEnvironmentRole", given)
    assert (made["slug"], made["type"], made["permissions"]) == (role, "EnvironmentRole", [])
    changed = node("authorization.updateEnvironmentRole", role, {"name": "Head auditor"})
    assert changed["name"] == "Head auditor"
    chosen = node("authorization.setEnvironmentRolePermissions", role, {"permissions": [first]})
    assert chosen["permissions"] == [first]
    more = node("authorization.addEnvironmentRolePermission", role, {"permissionSlug": second})
    assert sorted(more["permissions"]) == sorted([first, second])
    assert len(node("authorization.getEnvironmentRole", role)["permissions"]) == 2
    listed = node("authorization.listEnvironmentRoles")["data"]
    assert role in [each["slug"] for each in listed]


def permissions(node: Node) -> list[str]:
    return [
        node("authorization.createPermission", {"slug": slug("p"), "name": "P"})["slug"] for _ in range(2)
    ]


@pytest.mark.covers(*OF_ORGANIZATION)
def test_a_role_of_an_organization_lives_in_python(sdk: WorkOSClient) -> None:
    roles, role = sdk.authorization, slug("org-editor")
    first, second = (roles.create_permission(slug=slug("p"), name="P").slug for _ in range(2))
    home, other = (sdk.organizations.create_organization(name=name).id for name in ("Home", "Other"))
    made = roles.create_organization_role(home, slug=role, name="Editor")
    assert (made.slug, made.type) == (role, "OrganizationRole")
    assert roles.update_organization_role(home, role, description="Edits").description == "Edits"
    assert roles.set_organization_role_permissions(home, role, permissions=[first]).permissions == [first]
    added = roles.add_organization_role_permission(home, role, body_slug=second)
    assert sorted(added.permissions) == sorted([first, second])
    roles.remove_organization_role_permission(home, role, first)
    assert roles.get_organization_role(home, role).permissions == [second]
    assert role in [each.slug for each in roles.list_organization_roles(home).data]
    assert role not in [each.slug for each in roles.list_organization_roles(other).data]
    with pytest.raises(NotFoundError):
        roles.get_organization_role(other, role)
    roles.delete_organization_role(home, role)
    with pytest.raises(NotFoundError):
        roles.get_organization_role(home, role)


@pytest.mark.covers(*OF_ORGANIZATION)
def test_a_role_of_an_organization_lives_in_node(node: Node) -> None:
    role, (first, second) = slug("org-editor"), permissions(node)
    home = node("organizations.createOrganization", {"name": "Home"})["id"]
    made = node("authorization.createOrganizationRole", home, {"slug": role, "name": "Editor"})
    assert (made["slug"], made["type"]) == (role, "OrganizationRole")
    changed = node("authorization.updateOrganizationRole", home, role, {"description": "Edits"})
    assert changed["description"] == "Edits"
    chosen = node("authorization.setOrganizationRolePermissions", home, role, {"permissions": [first]})
    assert chosen["permissions"] == [first]
    more = node("authorization.addOrganizationRolePermission", home, role, {"permissionSlug": second})
    assert sorted(more["permissions"]) == sorted([first, second])
    node("authorization.removeOrganizationRolePermission", home, role, {"permissionSlug": first})
    assert node("authorization.getOrganizationRole", home, role)["permissions"] == [second]
    assert role in [each["slug"] for each in node("authorization.listOrganizationRoles", home)["data"]]
    node("authorization.deleteOrganizationRole", home, role)
    with pytest.raises(NodeError):
        node("authorization.getOrganizationRole", home, role)
