"""Permissions: the words that roles give to people and an app asks about."""

from typing import Any, Final

from vestibule.server.api.bodies import UNSET, Body, Line, Text, Unset, given
from vestibule.server.api.operation import Call, Operations
from vestibule.server.api.permission_shapes import PermissionShape, check_resource_type
from vestibule.server.api.shapes import show, show_list
from vestibule.server.identity import permissions

operations = Operations("permissions")

PATH: Final = "/authorization/permissions"


class CreatePermission(Body):
    slug: Line
    name: Line
    description: Text | Unset | None = UNSET
    resource_type_slug: Line | Unset = UNSET


class UpdatePermission(Body):
    name: Line | Unset = UNSET
    description: Text | Unset | None = UNSET


@operations.post(PATH, body=CreatePermission, answers=PermissionShape, status=201)
def create_permission(call: Call[CreatePermission]) -> PermissionShape:
    """Create a permission. Its slug stays as it is."""
    body = call.body
    check_resource_type(body.resource_type_slug)
    made = permissions.create_permission(
        call.identity, slug=body.slug, name=body.name, description=body.description or None
    )
    return show(PermissionShape, made)


@operations.get(PATH, answers=PermissionShape, lists=True)
def list_permissions(call: Call[None]) -> dict[str, Any]:
    """List permissions, newest first."""
    found = permissions.list_permissions(call.identity, call.listing.page)
    return show_list(PermissionShape, found, call.listing)


@operations.get(PATH + "/{slug}", answers=PermissionShape)
def get_permission(call: Call[None]) -> PermissionShape:
    """Get a permission."""
    return show(PermissionShape, permissions.get_permission(call.identity, call.path["slug"]))


@operations.patch(PATH + "/{slug}", body=UpdatePermission, answers=PermissionShape)
def update_permission(call: Call[UpdatePermission]) -> PermissionShape:
    """Change the name or the description of a permission."""
    changed = permissions.update_permission(call.identity, call.path["slug"], **given(call.body))
    return show(PermissionShape, changed)


@operations.delete(PATH + "/{slug}", status=204)
def delete_permission(call: Call[None]) -> None:
    """Delete a permission. Roles lose it."""
    permissions.delete_permission(call.identity, call.path["slug"])
