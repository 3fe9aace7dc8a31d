"""Groups of an organization's members, such as a department."""

from collections.abc import Mapping
from typing import Any, Final

from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Conflict, Invalid, NotFound
from vestibule.server.identity.events import append
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.models import Membership
from vestibule.server.identity.paging import Page, Slice
from vestibule.server.identity.profile import tidy_name
from vestibule.server.store.groups import Group
from vestibule.server.store.transaction import Transaction

CHANGEABLE: Final = frozenset({"name", "description"})
LONGEST: Final = {"name": 256, "description": 150}


def create_group(
    identity: Identity,
    *,
    organization_id: str,
    name: str,
    description: str | None = None,
    group_id: str | None = None,
) -> Group:
    """`group_id` is for one that exists elsewhere. Raises NotFound, Invalid, Conflict."""
    now = identity.now
    group_id = group_id or new_id("group", now)
    values = _tidy({"name": name, "description": description})
    with identity.store.transaction() as tx:
        _check_organization(tx, organization_id)
        created = tx.groups.create(
            id=group_id, organization_id=organization_id, **values, created_at=now, updated_at=now
        )
        if not created:
            raise Conflict("There is a group with this id.", code="group_exists")
        group = _existing(tx.groups.find(group_id, organization_id=organization_id), group_id)
        _append(tx, identity, "group.created", group)
    return group


def get_group(identity: Identity, group_id: str, *, organization_id: str) -> Group:
    with identity.store.read() as tx:
        _check_organization(tx, organization_id)
        return _existing(tx.groups.find(group_id, organization_id=organization_id), group_id)


def list_groups(identity: Identity, page: Page, *, organization_id: str) -> Slice[Group]:
    with identity.store.read() as tx:
        _check_organization(tx, organization_id)
        return tx.groups.list(page, organization_id=organization_id)


def update_group(
    identity: Identity, group_id: str, *, organization_id: str, changes: Mapping[str, Any]
) -> Group:
    """Of name and description, those that are given. Raises NotFound, Invalid."""
    values = _tidy({name: changes[name] for name in CHANGEABLE & set(changes)})
    with identity.store.transaction() as tx:
        _check_organization(tx, organization_id)
        changed = tx.groups.update(
            group_id, organization_id=organization_id, **values, updated_at=identity.now
        )
        group = _existing(changed, group_id)
        _append(tx, identity, "group.updated", group)
    return group


def delete_group(identity: Identity, group_id: str, *, organization_id: str) -> None:
    """Its members stay members of the organization."""
    with identity.store.transaction() as tx:
        _check_organization(tx, organization_id)
        deleted = _existing(tx.groups.delete(group_id, organization_id=organization_id), group_id)
        _append(tx, identity, "group.deleted", deleted)


def add_to_group(identity: Identity, group_id: str, *, organization_id: str, membership_id: str) -> Group:
    """Adding again changes nothing. Raises NotFound, for a membership of another organization too."""
    with identity.store.transaction() as tx:
        _check_organization(tx, organization_id)
        group = _existing(tx.groups.find(group_id, organization_id=organization_id), group_id)
        _check_membership(tx, membership_id, organization_id)
        if tx.groups.add_member(group_id, membership_id, now=identity.now):
            _append_member(tx, identity, "group.member_added", group, membership_id)
    return group


def remove_from_group(identity: Identity, group_id: str, *, organization_id: str, membership_id: str) -> None:
    with identity.store.transaction() as tx:
        _check_organization(tx, organization_id)
        group = _existing(tx.groups.find(group_id, organization_id=organization_id), group_id)
        if not tx.groups.remove_member(group_id, membership_id):
            raise NotFound.of("Organization membership", membership_id)
        _append_member(tx, identity, "group.member_removed", group, membership_id)


def list_group_members(
    identity: Identity, page: Page, *, organization_id: str, group_id: str
) -> Slice[Membership]:
    with identity.store.read() as tx:
        _check_organization(tx, organization_id)
        _existing(tx.groups.find(group_id, organization_id=organization_id), group_id)
        return tx.groups.list_members(page, group_id=group_id)


def list_groups_of_member(identity: Identity, page: Page, *, membership_id: str) -> Slice[Group]:
    with identity.store.read() as tx:
        if tx.memberships.find(membership_id) is None:
            raise NotFound.of("Organization membership", membership_id)
        return tx.groups.list_of_member(page, membership_id=membership_id)


def _tidy(given: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: tidy_name(name, value) for name, value in given.items()}
    for name, value in values.items():
        if name == "name" and value is None:
            raise Invalid.field("name", "required", "name must not be empty.")
        if value is not None and len(value) > LONGEST[name]:
            raise Invalid.field(name, f"{name}_too_long", f"{name} may have {LONGEST[name]} characters.")
    return values


def _check_organization(tx: Transaction, organization_id: str) -> None:
    if tx.organizations.find(organization_id) is None:
        raise NotFound.of("Organization", organization_id)


def _check_membership(tx: Transaction, membership_id: str, organization_id: str) -> None:
    membership = tx.memberships.find(membership_id)
    if membership is None or membership.organization_id != organization_id:
        raise NotFound.of("Organization membership", membership_id)


def _append(tx: Transaction, identity: Identity, event: str, group: Group) -> None:
    data = {
        "object": "group",
        "id": group.id,
        "organization_id": group.organization_id,
        "name": group.name,
        "description": group.description,
        "created_at": group.created_at,
        "updated_at": group.updated_at,
    }
    append(tx, identity, event, data, organization_id=group.organization_id)


def _append_member(tx: Transaction, identity: Identity, event: str, group: Group, membership_id: str) -> None:
    data = {"group_id": group.id, "organization_membership_id": membership_id}
    append(tx, identity, event, data, organization_id=group.organization_id)


def _existing(found: Group | None, group_id: str) -> Group:
    if found is None:
        raise NotFound.of("Group", group_id)
    return found
