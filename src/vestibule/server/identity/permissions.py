"""Permissions: what an app asks about, given to people by their roles."""

import re
from collections.abc import Iterable
from typing import Final

from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Conflict, Invalid, NotFound
from vestibule.server.identity.events import append
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.models import Permission
from vestibule.server.identity.paging import Page, Slice
from vestibule.server.identity.profile import tidy_name
from vestibule.server.identity.roles import append_role_event
from vestibule.server.store.transaction import Transaction

MAX_NAME: Final = 100
SLUG: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_:.*/-]{0,99}", re.ASCII)
RESOURCE_TYPE: Final = "organization"


def create_permission(
    identity: Identity,
    *,
    slug: str,
    name: str,
    description: str | None = None,
    permission_id: str | None = None,
) -> Permission:
    """`permission_id` is for one that exists elsewhere.

    Raises Invalid, Conflict `permission_slug_conflict`.
    """
    _check_slug(slug)
    now = identity.now
    permission_id = permission_id or new_id("perm", now)
    values = {"name": _name(name), "description": tidy_name("description", description)}
    with identity.store.transaction() as tx:
        if not _create(tx, identity, permission_id, slug, **values):
            raise Conflict("There is a permission with this slug.", code="permission_slug_conflict")
        return _told(tx, identity, "permission.created", tx.permissions.find(slug), slug)


def ensure_permissions(identity: Identity, slugs: Iterable[str]) -> None:
    """Those that do not exist are made, named after their slugs."""
    wanted = dict.fromkeys(slugs)
    for slug in wanted:
        _check_slug(slug)
    with identity.store.transaction() as tx:
        for slug in wanted:
            if _create(tx, identity, new_id("perm", identity.now), slug, name=slug):
                _told(tx, identity, "permission.created", tx.permissions.find(slug), slug)


def get_permission(identity: Identity, slug: str) -> Permission:
    with identity.store.read() as tx:
        return _existing(tx.permissions.find(slug), slug)


def list_permissions(identity: Identity, page: Page) -> Slice[Permission]:
    with identity.store.read() as tx:
        return tx.permissions.list(page)


def update_permission(identity: Identity, slug: str, **changes: str | None) -> Permission:
    """`name` and `description`, as far as they are given; the slug stays for ever."""
    values: dict[str, object] = {}
    if "name" in changes:
        values["name"] = _name(changes["name"])
    if "description" in changes:
        values["description"] = tidy_name("description", changes["description"])
    with identity.store.transaction() as tx:
        changed = tx.permissions.update(slug, **values, updated_at=identity.now)
        return _told(tx, identity, "permission.updated", changed, slug)


def delete_permission(identity: Identity, slug: str) -> None:
    """Roles lose it; tokens say so from the next refresh on."""
    with identity.store.transaction() as tx:
        _told(tx, identity, "permission.deleted", tx.permissions.delete(slug), slug)
        losers = tx.permissions.take_from_roles(slug)
        for role_id in losers:
            tx.roles.update(role_id, updated_at=identity.now)
        for role in tx.roles.list_by_id(losers):
            append_role_event(tx, identity, "role.updated", role)


def _create(tx: Transaction, identity: Identity, permission_id: str, slug: str, **values: str | None) -> bool:
    now = identity.now
    return tx.permissions.create(
        id=permission_id,
        slug=slug,
        system=False,
        resource_type_slug=RESOURCE_TYPE,
        created_at=now,
        updated_at=now,
        **values,
    )


def _told(tx: Transaction, identity: Identity, event: str, found: Permission | None, slug: str) -> Permission:
    permission = _existing(found, slug)
    data = {
        "object": "permission",
        "id": permission.id,
        "slug": permission.slug,
        "name": permission.name,
        "description": permission.description,
        "system": permission.system,
        "resource_type_slug": permission.resource_type_slug,
        "created_at": permission.created_at,
        "updated_at": permission.updated_at,
    }
    append(tx, identity, event, data)
    return permission


def _check_slug(slug: str) -> None:
    if SLUG.fullmatch(slug) is None:
        message = "A permission is written like reports:read, in 100 characters at most."
        raise Invalid.field("slug", "invalid_slug", message)


def _name(given: str | None) -> str:
    name = tidy_name("name", given)
    if name is None or len(name) > MAX_NAME:
        raise Invalid.field("name", "invalid_name", f"name must have between 1 and {MAX_NAME} characters.")
    return name


def _existing(found: Permission | None, slug: str) -> Permission:
    if found is None:
        raise NotFound.of("Permission", slug)
    return found
