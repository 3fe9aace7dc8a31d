"""Roles: what members may do, for every organization or for one."""

from typing import Any

from vestibule.server.api.bodies import UNSET, Body, Line, Text, Unset
from vestibule.server.api.operation import Call, Operations
from vestibule.server.api.shapes import RoleList, RoleShape, show
from vestibule.server.identity import organizations, roles
from vestibule.server.identity.models import Role

operations = Operations("roles")


class CreateRole(Body):
    slug: Line
    name: Line
    description: Text | Unset | None = UNSET


class SetPermissions(Body):
    permissions: list[Line]


@operations.get("/authorization/roles", answers=RoleList)
def list_environment_roles(call: Call[None]) -> RoleList:
    """List the roles that every organization has."""
    return _list(list(roles.list_roles(call.identity)))


@operations.post("/authorization/roles", body=CreateRole, answers=RoleShape, status=201)
def create_environment_role(call: Call[CreateRole]) -> RoleShape:
    """Create a role that every organization has."""
    return _show(roles.create_role(call.identity, **_values(call.body)))


@operations.put("/authorization/roles/{slug}/permissions", body=SetPermissions, answers=RoleShape)
def set_role_permissions(call: Call[SetPermissions]) -> RoleShape:
    """Replace what a role may do."""
    permissions = tuple(call.body.permissions)
    return _show(roles.set_permissions(call.identity, call.path["slug"], permissions=permissions))


@operations.get("/authorization/organizations/{organization_id}/roles", answers=RoleList)
def list_organization_roles(call: Call[None]) -> RoleList:
    """List the roles of an organization: the shared ones and its own."""
    organization = organizations.get_organization(call.identity, call.path["organization_id"])
    return _list(list(roles.list_roles(call.identity, organization_id=organization.id)))


@operations.post(
    "/authorization/organizations/{organization_id}/roles",
    body=CreateRole,
    answers=RoleShape,
    status=201,
)
def create_organization_role(call: Call[CreateRole]) -> RoleShape:
    """Create a role of one organization."""
    organization = organizations.get_organization(call.identity, call.path["organization_id"])
    return _show(roles.create_role(call.identity, organization_id=organization.id, **_values(call.body)))


def _values(body: CreateRole) -> dict[str, Any]:
    return {"slug": body.slug, "name": body.name, "description": body.description or None}


def _list(found: list[Role]) -> RoleList:
    return RoleList(data=[_show(role) for role in found])


def _show(role: Role) -> RoleShape:
    kind = "EnvironmentRole" if role.organization_id is None else "OrganizationRole"
    return show(RoleShape, role, type=kind, permissions=sorted(role.permissions))
