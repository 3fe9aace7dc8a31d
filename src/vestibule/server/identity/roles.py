"""Roles: names for sets of permissions, of the whole environment or of one organization."""

import re
from collections.abc import Collection, Sequence
from typing import Final

from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Conflict, Invalid, NotFound
from vestibule.server.identity.events import append
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.models import Role
from vestibule.server.identity.profile import tidy_name
from vestibule.server.store.transaction import Transaction

MAX_NAME: Final = 48
SLUG: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,47}", re.ASCII)
PERMISSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_:.*/-]{0,99}", re.ASCII)


def create_role(
    identity: Identity,
    *,
    slug: str,
    name: str,
    description: str | None = None,
    permissions: Collection[str] = (),
    organization_id: str | None = None,
) -> Role:
    """Raises Invalid, NotFound, Conflict `role_slug_conflict`."""
    if SLUG.fullmatch(slug) is None:
        raise Invalid.field("slug", "invalid_slug", "slug must be of lower-case letters, digits, - and _.")
    now = identity.now
    with identity.store.transaction() as tx:
        if organization_id is not None and tx.organizations.find(organization_id) is None:
            raise NotFound.of("Organization", organization_id)
        created = tx.roles.create(
            id=new_id("role", now),
            organization_id=organization_id,
            slug=slug,
            name=_name(name),
            description=tidy_name("description", description),
            permissions=_permissions(permissions),
            created_at=now,
            updated_at=now,
        )
        if not created:
            raise Conflict("There is a role with this slug.", code="role_slug_conflict")
        return _told(tx, identity, "role.created", slug, organization_id)


def get_role(identity: Identity, slug: str, *, organization_id: str | None = None) -> Role:
    with identity.store.read() as tx:
        return _existing(tx.roles.find(slug, organization_id=organization_id), slug)


def list_roles(identity: Identity, *, organization_id: str | None = None) -> Sequence[Role]:
    """The environment's, and with an organization its own too."""
    with identity.store.read() as tx:
        return tx.roles.list(organization_id=organization_id)


def update_role(
    identity: Identity,
    slug: str,
    *,
    name: str | None = None,
    description: str | None = None,
    organization_id: str | None = None,
) -> Role:
    """What is None stays."""
    values = {
        "name": None if name is None else _name(name),
        "description": tidy_name("description", description),
    }
    with identity.store.transaction() as tx:
        role = _existing(tx.roles.find(slug, organization_id=organization_id), slug)
        given = {field: value for field, value in values.items() if value is not None}
        tx.roles.update(role.id, **given, updated_at=identity.now)
        return _told(tx, identity, "role.updated", slug, organization_id)


def set_permissions(
    identity: Identity, slug: str, *, permissions: Collection[str], organization_id: str | None = None
) -> Role:
    """Replaces them all; tokens carry the new ones from the next refresh on."""
    checked = _permissions(permissions)
    with identity.store.transaction() as tx:
        role = _existing(tx.roles.find(slug, organization_id=organization_id), slug)
        tx.roles.update(role.id, permissions=checked, updated_at=identity.now)
        return _told(tx, identity, "role.updated", slug, organization_id)


def _told(tx: Transaction, identity: Identity, event: str, slug: str, organization_id: str | None) -> Role:
    role = _existing(tx.roles.find(slug, organization_id=organization_id), slug)
    data = {
        "object": "role",
        "slug": role.slug,
        "resource_type_slug": "organization",
        "permissions": list(role.permissions),
        "created_at": role.created_at,
        "updated_at": role.updated_at,
    }
    append(tx, identity, event, data, organization_id=organization_id)
    return role


def _name(given: str) -> str:
    name = tidy_name("name", given)
    if name is None or len(name) > MAX_NAME:
        raise Invalid.field("name", "invalid_name", f"name must have between 1 and {MAX_NAME} characters.")
    return name


def _permissions(given: Collection[str]) -> tuple[str, ...]:
    for permission in given:
        if PERMISSION.fullmatch(permission) is None:
            message = "A permission is written like reports:read, in 100 characters at most."
            raise Invalid.field("permissions", "invalid_permission", message)
    return tuple(sorted(set(given)))


def _existing(found: Role | None, slug: str) -> Role:
    if found is None:
        raise NotFound.of("Role", slug)
    return found
