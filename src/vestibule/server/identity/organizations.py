"""Organizations: the customers of a business app. Deleting one signs its people out of it."""

from collections.abc import Mapping
from typing import Any, Final

from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Conflict, Invalid, NotFound
from vestibule.server.identity.events import append
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.models import Organization
from vestibule.server.identity.paging import Page, Slice
from vestibule.server.identity.profile import merge_metadata, tidy_external_id, tidy_name
from vestibule.server.identity.sessions import append_session_event
from vestibule.server.store.organizations import ExternalIdTaken
from vestibule.server.store.transaction import Transaction

CHANGEABLE: Final = frozenset({"name", "external_id", "metadata"})


def create_organization(
    identity: Identity,
    *,
    name: str,
    external_id: str | None = None,
    metadata: Mapping[str, str | None] | None = None,
    organization_id: str | None = None,
) -> Organization:
    """`organization_id` is for one that exists elsewhere. Raises Invalid, Conflict."""
    now = identity.now
    organization_id = organization_id or new_id("org", now)
    values = {
        "name": _name(name),
        "external_id": tidy_external_id(external_id),
        "metadata": merge_metadata({}, metadata),
    }
    with identity.store.transaction() as tx:
        if not tx.organizations.create(id=organization_id, **values, created_at=now, updated_at=now):
            if tx.organizations.find(organization_id) is not None:
                raise Conflict("There is an organization with this id.", code="organization_exists")
            raise _external_id_taken()
        created = _existing(tx.organizations.find(organization_id), organization_id)
        _append(tx, identity, "organization.created", created)
    return created


def get_organization(identity: Identity, organization_id: str) -> Organization:
    with identity.store.read() as tx:
        return _existing(tx.organizations.find(organization_id), organization_id)


def get_organization_by_external_id(identity: Identity, external_id: str) -> Organization:
    with identity.store.read() as tx:
        return _existing(tx.organizations.find_by_external_id(external_id), external_id)


def list_organizations(identity: Identity, page: Page, *, search: str | None = None) -> Slice[Organization]:
    """`search` is part of the name, in any case."""
    with identity.store.read() as tx:
        return tx.organizations.list(page, search=search or None)


def update_organization(
    identity: Identity, organization_id: str, *, changes: Mapping[str, Any]
) -> Organization:
    """Metadata merges; a null value removes its key. Raises NotFound, Invalid."""
    unknown = sorted(set(changes) - CHANGEABLE)
    if unknown:
        raise Invalid.field(unknown[0], "unknown_field", f"{unknown[0]} cannot be changed.")
    values: dict[str, Any] = {}
    if "name" in changes:
        values["name"] = _name(changes["name"])
    if "external_id" in changes:
        values["external_id"] = tidy_external_id(changes["external_id"])
    try:
        with identity.store.transaction() as tx:
            current = _existing(tx.organizations.lock(organization_id), organization_id)
            if "metadata" in changes:
                values["metadata"] = merge_metadata(current.metadata, changes["metadata"])
            changed = tx.organizations.update(organization_id, **values, updated_at=identity.now)
            updated = _existing(changed, organization_id)
            _append(tx, identity, "organization.updated", updated)
    except ExternalIdTaken:
        raise _external_id_taken() from None
    return updated


def delete_organization(identity: Identity, organization_id: str) -> None:
    """With its memberships and roles; sessions in it end."""
    with identity.store.transaction() as tx:
        for session in tx.sessions.end_in_organization(organization_id, now=identity.now):
            append_session_event(tx, identity, "session.revoked", session)
        deleted = _existing(tx.organizations.delete(organization_id), organization_id)
        _append(tx, identity, "organization.deleted", deleted)


def _append(tx: Transaction, identity: Identity, event: str, organization: Organization) -> None:
    data: dict[str, Any] = {
        "object": "organization",
        "id": organization.id,
        "name": organization.name,
        "domains": [],
        "external_id": organization.external_id,
        "metadata": dict(organization.metadata),
        "created_at": organization.created_at,
        "updated_at": organization.updated_at,
    }
    append(tx, identity, event, data, organization_id=organization.id)


def _name(given: object) -> str:
    name = tidy_name("name", given)
    if name is None:
        raise Invalid.field("name", "required", "name must not be empty.")
    return name


def _existing(found: Organization | None, given: str) -> Organization:
    if found is None:
        raise NotFound.of("Organization", given)
    return found


def _external_id_taken() -> Invalid:
    return Invalid("Another organization has this external id.", code="external_id_already_used")
