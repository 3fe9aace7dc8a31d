"""Roles: names for sets of permissions, of the whole environment or of one organization."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Conflict, Forbidden, Invalid, NotFound
from vestibule.server.identity.events import append
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.models import Membership, Role
from vestibule.server.identity.profile import tidy_name
from vestibule.server.store.transaction import Transaction

MAX_NAME: Final = 48
MAX_SLUG: Final = 48
SLUG: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,47}", re.ASCII)
NEEDED: Final = frozenset({"member", "admin"})
OF_ORGANIZATION: Final = {
    "role.created": "organization_role.created",
    "role.updated": "organization_role.updated",
    "role.deleted": "organization_role.deleted",
}


def create_role(
    identity: Identity,
    *,
    name: str,
    slug: str | None = None,
    description: str | None = None,
    permissions: Collection[str] = (),
    organization_id: str | None = None,
    role_id: str | None = None,
) -> Role:
    """An organization's role without a slug gets one made of its name.

    Raises Invalid; NotFound for the organization and for permissions; Conflict `role_slug_conflict` or
    `organization_role_slug_conflict`.
    """
    tidy = _name(name)
    if slug is None and organization_id is not None:
        slug = _slug_of(tidy)
    if slug is None or SLUG.fullmatch(slug) is None:
        raise Invalid.field("slug", "invalid_slug", "slug must be of lower-case letters, digits, - and _.")
    now = identity.now
    with identity.store.transaction() as tx:
        if organization_id is not None and tx.organizations.find(organization_id) is None:
            raise NotFound.of("Organization", organization_id)
        created = tx.roles.create(
            id=role_id or new_id("role", now),
            organization_id=organization_id,
            slug=slug,
            name=tidy,
            description=tidy_name("description", description),
            permissions=_known(tx, permissions),
            created_at=now,
            updated_at=now,
        )
        if not created:
            code = "role_slug_conflict" if organization_id is None else "organization_role_slug_conflict"
            raise Conflict("There is a role with this slug.", code=code)
        return _told(tx, identity, "role.created", slug, organization_id)


def get_role(identity: Identity, slug: str, *, organization_id: str | None = None) -> Role:
    """Exactly this one: an organization does not inherit here."""
    with identity.store.read() as tx:
        return _existing(tx.roles.find(slug, organization_id=organization_id), slug)


def get_role_in(identity: Identity, slug: str, *, organization_id: str) -> Role:
    """What the slug means in an organization: its own role, else the environment's."""
    with identity.store.read() as tx:
        if tx.organizations.find(organization_id) is None:
            raise NotFound.of("Organization", organization_id)
        own = tx.roles.find(slug, organization_id=organization_id)
        return _existing(own or tx.roles.find(slug, organization_id=None), slug)


def list_roles(identity: Identity, *, organization_id: str | None = None) -> Sequence[Role]:
    """The environment's, and with an organization its own too."""
    with identity.store.read() as tx:
        return tx.roles.list(organization_id=organization_id)


def update_role(
    identity: Identity, slug: str, *, organization_id: str | None = None, **changes: str | None
) -> Role:
    """`name` and `description`, as far as they are given."""
    values: dict[str, Any] = {}
    if "name" in changes:
        values["name"] = _name(changes["name"])
    if "description" in changes:
        values["description"] = tidy_name("description", changes["description"])
    with identity.store.transaction() as tx:
        role = _changeable(tx, slug, organization_id)
        tx.roles.update(role.id, **values, updated_at=identity.now)
        return _told(tx, identity, "role.updated", slug, organization_id)


def set_permissions(
    identity: Identity, slug: str, *, permissions: Collection[str], organization_id: str | None = None
) -> Role:
    """Replaces them all; tokens carry the new ones from the next refresh on."""
    with identity.store.transaction() as tx:
        role = _changeable(tx, slug, organization_id)
        tx.roles.update(role.id, permissions=_known(tx, permissions), updated_at=identity.now)
        return _told(tx, identity, "role.updated", slug, organization_id)


def add_permission(
    identity: Identity, slug: str, *, permission: str, organization_id: str | None = None
) -> Role:
    """One that the role has already is no mistake."""
    with identity.store.transaction() as tx:
        role = _changeable(tx, slug, organization_id)
        tx.roles.add_permissions(role.id, _known(tx, [permission]), now=identity.now)
        return _told(tx, identity, "role.updated", slug, organization_id)


def remove_permission(
    identity: Identity, slug: str, *, permission: str, organization_id: str | None = None
) -> Role:
    """Raises NotFound for one the role does not have."""
    with identity.store.transaction() as tx:
        role = _changeable(tx, slug, organization_id)
        if not tx.roles.remove_permission(role.id, permission, now=identity.now):
            raise NotFound.of("Permission", permission)
        return _told(tx, identity, "role.updated", slug, organization_id)


def change_permissions(
    identity: Identity,
    changes: Mapping[str, tuple[Collection[str], Collection[str]]],
    *,
    organization_id: str | None = None,
) -> Sequence[Role]:
    """By the slug of a role, what it gets and what it loses: whatever else was changed meanwhile stays.

    All or nothing. Returns the roles that changed. Raises NotFound for a role or a permission that is gone.
    """
    with identity.store.transaction() as tx:
        changed = []
        for slug, (added, removed) in sorted(changes.items()):
            role = _changeable(tx, slug, organization_id)
            tx.roles.add_permissions(role.id, _known(tx, added), now=identity.now)
            tx.roles.remove_permissions(role.id, removed, now=identity.now)
            changed.append(_told(tx, identity, "role.updated", slug, organization_id))
    return changed


def delete_role(identity: Identity, slug: str, *, organization_id: str | None) -> None:
    """Raises Conflict `role_has_assignments` while a member has it, Conflict `role_is_needed` for those that
    every environment begins with, Forbidden for the environment's when it is an organization that asks."""
    if organization_id is None and slug in NEEDED:
        message = "New members and whoever makes an organization get this role: it has to stay."
        raise Conflict(message, code="role_is_needed")
    with identity.store.transaction() as tx:
        role = _changeable(tx, slug, organization_id)
        if not tx.roles.delete_unassigned(role):
            message = "Members have this role: give them another one first."
            raise Conflict(message, code="role_has_assignments")
        append_role_event(tx, identity, "role.deleted", role)


def list_roles_with(identity: Identity, permission: str, *, most: int) -> Sequence[Role]:
    """Some of the roles that have this permission, those of organizations among them."""
    with identity.store.read() as tx:
        return tx.roles.list_with_permission(permission, limit=most)


def list_holders(identity: Identity, slug: str, *, most: int) -> Sequence[Membership]:
    """Some of the members who have this role of the environment, in any organization."""
    with identity.store.read() as tx:
        return tx.memberships.list_with_role(slug, limit=most)


def append_role_event(tx: Transaction, identity: Identity, event: str, role: Role) -> None:
    """`role.…`, which the roles of organizations call `organization_role.…`."""
    data: dict[str, object] = {
        "object": "role",
        "slug": role.slug,
        "resource_type_slug": "organization",
        "permissions": list(role.permissions),
        "created_at": role.created_at,
        "updated_at": role.updated_at,
    }
    if role.organization_id is None:
        append(tx, identity, event, data)
        return
    data |= {
        "object": "organization_role",
        "organization_id": role.organization_id,
        "name": role.name,
        "description": role.description,
    }
    append(tx, identity, OF_ORGANIZATION.get(event, event), data, organization_id=role.organization_id)


def _told(tx: Transaction, identity: Identity, event: str, slug: str, organization_id: str | None) -> Role:
    role = _existing(tx.roles.find(slug, organization_id=organization_id), slug)
    append_role_event(tx, identity, event, role)
    return role


def _changeable(tx: Transaction, slug: str, organization_id: str | None) -> Role:
    """An organization uses the environment's roles and cannot change them."""
    if organization_id is not None and tx.organizations.find(organization_id) is None:
        raise NotFound.of("Organization", organization_id)
    found = tx.roles.find(slug, organization_id=organization_id)
    if found is None and organization_id is not None and tx.roles.find(slug, organization_id=None):
        raise Forbidden("The role belongs to the environment: every organization has it.")
    return _existing(found, slug)


def _known(tx: Transaction, given: Collection[str]) -> tuple[str, ...]:
    wanted = sorted(set(given))
    known = tx.permissions.hold(wanted) if wanted else frozenset()
    for slug in wanted:
        if slug not in known:
            raise NotFound.of("Permission", slug)
    return tuple(wanted)


def _name(given: str | None) -> str:
    name = tidy_name("name", given)
    if name is None or len(name) > MAX_NAME:
        raise Invalid.field("name", "invalid_name", f"name must have between 1 and {MAX_NAME} characters.")
    return name


def _slug_of(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    return ("org-" + (re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "role"))[:MAX_SLUG].rstrip("-")


def _existing(found: Role | None, slug: str) -> Role:
    if found is None:
        raise NotFound.of("Role", slug)
    return found
