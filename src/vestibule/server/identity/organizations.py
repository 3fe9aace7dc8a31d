"""Organizations: the customers of a business app. Deleting one signs its people out of it."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from vestibule.server.identity.context import Identity
from vestibule.server.identity.domains import (
    add_domain,
    domain_key,
    domain_object,
    remove_domain,
    tidy_domains,
    vouch_for,
)
from vestibule.server.identity.errors import Conflict, Invalid, NotFound
from vestibule.server.identity.events import append
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.models import Organization, OrganizationDomain
from vestibule.server.identity.paging import Page, Slice
from vestibule.server.identity.profile import merge_metadata, tidy_external_id, tidy_name
from vestibule.server.identity.sessions import append_session_event
from vestibule.server.store.organizations import ExternalIdTaken
from vestibule.server.store.transaction import Transaction

CHANGEABLE: Final = frozenset(
    {"name", "external_id", "metadata", "allow_profiles_outside_organization", "domain_data"}
)
ENTITLEMENT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_:.-]{0,63}", re.ASCII)
MAX_ENTITLEMENTS: Final = 100

Domains = Iterable[Mapping[str, Any]]
"""Each with its `domain` and the `state` it is in: pending or verified."""


def create_organization(
    identity: Identity,
    *,
    name: str,
    external_id: str | None = None,
    metadata: Mapping[str, str | None] | None = None,
    allow_profiles_outside_organization: bool = True,
    domain_data: Domains = (),
    organization_id: str | None = None,
) -> Organization:
    """`organization_id` is for one that exists elsewhere.

    Raises Invalid; Conflict, of a domain `domain_already_exists`.
    """
    now = identity.now
    domains = tidy_domains(domain_data)
    organization_id = organization_id or new_id("org", now)
    values = {
        "name": _name(name),
        "external_id": tidy_external_id(external_id),
        "metadata": merge_metadata({}, metadata),
        "allow_profiles_outside_organization": allow_profiles_outside_organization,
    }
    with identity.store.transaction() as tx:
        if not tx.organizations.create(id=organization_id, **values, created_at=now, updated_at=now):
            if tx.organizations.find(organization_id) is not None:
                raise Conflict("There is an organization with this id.", code="organization_exists")
            raise _external_id_taken()
        created = _existing(tx.organizations.find(organization_id), organization_id)
        for domain, state in domains.items():
            add_domain(tx, identity, organization_id, domain, state)
        _append(tx, identity, "organization.created", created)
    return created


def get_organization(identity: Identity, organization_id: str) -> Organization:
    with identity.store.read() as tx:
        return _existing(tx.organizations.find(organization_id), organization_id)


def get_organization_by_external_id(identity: Identity, external_id: str) -> Organization:
    with identity.store.read() as tx:
        return _existing(tx.organizations.find_by_external_id(external_id), external_id)


def list_organizations(
    identity: Identity, page: Page, *, search: str | None = None, domains: Collection[str] = ()
) -> Slice[Organization]:
    """`search` is part of the name, in any case; `domains` means those that have one of them."""
    wanted = [domain_key(domain) or domain for domain in domains]
    with identity.store.read() as tx:
        return tx.organizations.list(page, search=search or None, domains=wanted)


def search_organizations(identity: Identity, typed: str, *, most: int) -> Sequence[Organization]:
    """Newest first: those with a word of the name, a domain or an external id that begins so, or this id."""
    text = typed.strip()
    if not text or "\x00" in text:
        return ()
    with identity.store.read() as tx:
        return tx.organizations.search(text, limit=most)


def update_organization(
    identity: Identity, organization_id: str, *, changes: Mapping[str, Any]
) -> Organization:
    """Metadata merges; a null value removes its key. `domain_data` are all the domains there shall be: a
    verified one stays verified. Raises NotFound, Invalid, Conflict `domain_already_exists`.
    """
    unknown = sorted(set(changes) - CHANGEABLE)
    if unknown:
        raise Invalid.field(unknown[0], "unknown_field", f"{unknown[0]} cannot be changed.")
    values: dict[str, Any] = {}
    if "name" in changes:
        values["name"] = _name(changes["name"])
    if "external_id" in changes:
        values["external_id"] = tidy_external_id(changes["external_id"])
    if "allow_profiles_outside_organization" in changes:
        values["allow_profiles_outside_organization"] = changes["allow_profiles_outside_organization"]
    domains = tidy_domains(changes["domain_data"]) if "domain_data" in changes else None
    try:
        with identity.store.transaction() as tx:
            current = _existing(tx.organizations.lock(organization_id), organization_id)
            if "metadata" in changes:
                values["metadata"] = merge_metadata(current.metadata, changes["metadata"])
            changed = tx.organizations.update(organization_id, **values, updated_at=identity.now)
            updated = _existing(changed, organization_id)
            if domains is not None:
                _set_domains(tx, identity, organization_id, domains)
            _append(tx, identity, "organization.updated", updated)
    except ExternalIdTaken:
        raise _external_id_taken() from None
    return updated


def set_entitlements(
    identity: Identity, organization_id: str, *, entitlements: Sequence[str]
) -> Organization:
    """What the organization has paid for: replaces them all. Tokens say so from the next refresh on."""
    for each in entitlements:
        if ENTITLEMENT.fullmatch(each) is None:
            message = "An entitlement is written like audit-logs, in 64 characters at most."
            raise Invalid.field("entitlements", "invalid_entitlement", message)
    wanted = sorted(set(entitlements))
    if len(wanted) > MAX_ENTITLEMENTS:
        message = f"An organization may have {MAX_ENTITLEMENTS} entitlements at most."
        raise Invalid.field("entitlements", "too_many_entitlements", message)
    with identity.store.transaction() as tx:
        changed = tx.organizations.update(organization_id, entitlements=wanted, updated_at=identity.now)
        updated = _existing(changed, organization_id)
        data = {
            "object": "organization_entitlements",
            "organization_id": organization_id,
            "entitlements": wanted,
            "updated_at": updated.updated_at,
        }
        append(tx, identity, "organization_entitlements.updated", data, organization_id=organization_id)
    return updated


def delete_organization(identity: Identity, organization_id: str) -> None:
    """With its memberships, roles and domains; sessions in it end."""
    with identity.store.transaction() as tx:
        domains = tx.organization_domains.list_of([organization_id])
        for session in tx.sessions.end_in_organization(organization_id, now=identity.now):
            append_session_event(tx, identity, "session.revoked", session)
        deleted = _existing(tx.organizations.delete(organization_id), organization_id)
        _append(tx, identity, "organization.deleted", deleted, domains)


def _set_domains(
    tx: Transaction, identity: Identity, organization_id: str, wanted: Mapping[str, str]
) -> None:
    present = tx.organization_domains.list_of([organization_id]).get(organization_id, ())
    for domain in present:
        if domain.domain not in wanted:
            remove_domain(tx, identity, domain.id)
        elif wanted[domain.domain] == "verified":
            vouch_for(tx, identity, domain)
    known = {domain.domain for domain in present}
    for name, state in wanted.items():
        if name not in known:
            add_domain(tx, identity, organization_id, name, state)


def _append(
    tx: Transaction,
    identity: Identity,
    event: str,
    organization: Organization,
    domains: Mapping[str, Sequence[OrganizationDomain]] | None = None,
) -> None:
    if domains is None:
        domains = tx.organization_domains.list_of([organization.id])
    data: dict[str, Any] = {
        "object": "organization",
        "id": organization.id,
        "name": organization.name,
        "domains": [domain_object(domain) for domain in domains.get(organization.id, ())],
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
