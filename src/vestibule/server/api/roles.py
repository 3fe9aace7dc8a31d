"""Roles: what members may do, for every organization or for one."""

from typing import Any, Final

from vestibule.server.api.bodies import UNSET, Body, Line, Text, Unset, given
from vestibule.server.api.operation import Call, Operations
from vestibule.server.api.permission_shapes import check_resource_type
from vestibule.server.api.shapes import RoleList, RoleShape, show
from vestibule.server.identity import organizations, roles
from vestibule.server.identity.models import Role

operations = Operations("roles")

SHARED: Final = "/authorization/roles"
OWN: Final = "/authorization/organizations/{organizationId}/roles"


class CreateRole(Body):
    slug: Line
    name: Line
    description: Text | Unset | None = UNSET
    resource_type_slug: Line | Unset = UNSET


class CreateOrganizationRole(Body):
    name: Line
    slug: Line | Unset = UNSET
    description: Text | Unset | None = UNSET
    resource_type_slug: Line | Unset = UNSET


class UpdateRole(Body):
    name: Line | Unset = UNSET
    description: Text | Unset | None = UNSET


class SetPermissions(Body):
    permissions: list[Line]


class AddPermission(Body):
    slug: Line


@operations.get(SHARED, answers=RoleList)
def list_environment_roles(call: Call[None]) -> RoleList:
    """List the roles that every organization has."""
    return _list(list(roles.list_roles(call.identity)))


@operations.post(SHARED, body=CreateRole, answers=RoleShape, status=201)
def create_environment_role(call: Call[CreateRole]) -> RoleShape:
    """Create a role that every organization has."""
    return _show(roles.create_role(call.identity, **_values(call.body)))


@operations.get(SHARED + "/{slug}", answers=RoleShape)
def get_environment_role(call: Call[None]) -> RoleShape:
    """Get a role that every organization has."""
    return _show(roles.get_role(call.identity, call.path["slug"]))


@operations.patch(SHARED + "/{slug}", body=UpdateRole, answers=RoleShape)
def update_environment_role(call: Call[UpdateRole]) -> RoleShape:
    """Change the name or the description of a role."""
    return _show(roles.update_role(call.identity, call.path["slug"], **given(call.body)))


@operations.put(SHARED + "/{slug}/permissions", body=SetPermissions, answers=RoleShape)
def set_role_permissions(call: Call[SetPermissions]) -> RoleShape:
    """Replace what a role may do."""
    permissions = tuple(call.body.permissions)
    return _show(roles.set_permissions(call.identity, call.path["slug"], permissions=permissions))


@operations.post(SHARED + "/{slug}/permissions", body=AddPermission, answers=RoleShape)
def add_role_permission(call: Call[AddPermission]) -> RoleShape:
    """Add to what a role may do."""
    return _show(roles.add_permission(call.identity, call.path["slug"], permission=call.body.slug))


@operations.get(OWN, answers=RoleList)
def list_organization_roles(call: Call[None]) -> RoleList:
    """List the roles of an organization: the shared ones and its own."""
    organization = organizations.get_organization(call.identity, call.path["organizationId"])
    return _list(list(roles.list_roles(call.identity, organization_id=organization.id)))


@operations.post(OWN, body=CreateOrganizationRole, answers=RoleShape, status=201)
def create_organization_role(call: Call[CreateOrganizationRole]) -> RoleShape:
    """Create a role of one organization."""
    where = {"organization_id": call.path["organizationId"]}
    return _show(roles.create_role(call.identity, **where, **_values(call.body)))


@operations.get(OWN + "/{slug}", answers=RoleShape)
def get_organization_role(call: Call[None]) -> RoleShape:
    """Get what a slug means in an organization: its own role, else the shared one."""
    where = {"organization_id": call.path["organizationId"]}
    return _show(roles.get_role_in(call.identity, call.path["slug"], **where))


@operations.patch(OWN + "/{slug}", body=UpdateRole, answers=RoleShape)
def update_organization_role(call: Call[UpdateRole]) -> RoleShape:
    """Change the name or the description of an organization's role."""
    return _show(roles.update_role(call.identity, **_place(call), **given(call.body)))


@operations.delete(OWN + "/{slug}", status=204)
def delete_organization_role(call: Call[None]) -> None:
    """Delete an organization's role that no member has."""
    roles.delete_role(call.identity, **_place(call))


@operations.put(OWN + "/{slug}/permissions", body=SetPermissions, answers=RoleShape)
def set_organization_role_permissions(call: Call[SetPermissions]) -> RoleShape:
    """Replace what an organization's role may do."""
    permissions = tuple(call.body.permissions)
    return _show(roles.set_permissions(call.identity, permissions=permissions, **_place(call)))


@operations.post(OWN + "/{slug}/permissions", body=AddPermission, answers=RoleShape)
def add_organization_role_permission(call: Call[AddPermission]) -> RoleShape:
    """Add to what an organization's role may do."""
    return _show(roles.add_permission(call.identity, permission=call.body.slug, **_place(call)))


@operations.delete(OWN + "/{slug}/permissions/{permissionSlug}", answers=RoleShape)
def remove_organization_role_permission(call: Call[None]) -> RoleShape:
    """Take a permission from an organization's role."""
    permission = call.path["permissionSlug"]
    return _show(roles.remove_permission(call.identity, permission=permission, **_place(call)))


def _place(call: Call[Any]) -> dict[str, str]:
    return {"slug": call.path["slug"], "organization_id": call.path["organizationId"]}


def _values(body: CreateRole | CreateOrganizationRole) -> dict[str, Any]:
    check_resource_type(body.resource_type_slug)
    values = given(body)
    return {name: values[name] for name in ("slug", "name", "description") if name in values}


def _list(found: list[Role]) -> RoleList:
    return RoleList(data=[_show(role) for role in found])


def _show(role: Role) -> RoleShape:
    kind = "EnvironmentRole" if role.organization_id is None else "OrganizationRole"
    return show(RoleShape, role, type=kind, permissions=sorted(role.permissions))
