"""Domains of organizations: claimed by anybody, proven by a record in the DNS or by the app's own word."""

import datetime as dt
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from vestibule.server.identity.context import Identity
from vestibule.server.identity.emails import lookup_key
from vestibule.server.identity.errors import Conflict, Denied, Invalid, NotFound
from vestibule.server.identity.events import append
from vestibule.server.identity.everybodys_domains import EVERYBODYS
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.models import OrganizationDomain
from vestibule.server.store.organization_domains import VerifiedElsewhere
from vestibule.server.store.transaction import Transaction

PERIOD: Final = dt.timedelta(days=30)
"""How long a claim waits for its record."""
PREFIX: Final = "vestibule-domain-verification"
STATES: Final = ("pending", "verified")
MAX_DOMAINS: Final = 50


def create_domain(
    identity: Identity,
    *,
    organization_id: str,
    domain: str,
    state: str = "pending",
    domain_id: str | None = None,
) -> OrganizationDomain:
    """`verified` takes the caller's word that the organization has shown its domain to be its own.

    Raises NotFound, Invalid, Conflict `domain_already_exists`.
    """
    ((name, wanted),) = tidy_domains([{"domain": domain, "state": state}]).items()
    with identity.store.transaction() as tx:
        if tx.organizations.lock(organization_id) is None:
            raise NotFound.of("Organization", organization_id)
        return add_domain(tx, identity, organization_id, name, wanted, domain_id=domain_id)


def get_domain(identity: Identity, domain_id: str) -> OrganizationDomain:
    with identity.store.read() as tx:
        return _existing(tx.organization_domains.find(domain_id), domain_id)


def list_domains(
    identity: Identity, organization_ids: Iterable[str]
) -> Mapping[str, Sequence[OrganizationDomain]]:
    """By organization; one without domains is left out."""
    with identity.store.read() as tx:
        return tx.organization_domains.list_of(list(organization_ids))


def delete_domain(identity: Identity, domain_id: str) -> None:
    with identity.store.transaction() as tx:
        remove_domain(tx, identity, domain_id)


def verify_domain(identity: Identity, domain_id: str) -> OrganizationDomain:
    """Looks for the record once, outside of any transaction. Without one the domain stays `pending`.

    Raises NotFound, Denied `domain_already_verified`.
    """
    found = get_domain(identity, domain_id)
    if found.state == "verified":
        raise _already_verified()
    records = identity.txt_records(f"{found.verification_prefix}.{found.domain}")
    if found.verification_token in {each.strip() for each in records}:
        return _verified(identity, found)
    return _not_verified(identity, found)


def tidy_domains(given: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """States by domain. Raises Invalid."""
    wanted: dict[str, str] = {}
    for each in given:
        if each["state"] not in STATES:
            raise Invalid.field("state", "invalid_state", "state must be pending or verified.")
        wanted[tidy_domain(each["domain"])] = each["state"]
    if len(wanted) > MAX_DOMAINS:
        message = f"An organization may have {MAX_DOMAINS} domains at most."
        raise Invalid.field("domain_data", "too_many_domains", message)
    return wanted


def tidy_domain(given: str) -> str:
    """Lower-case ASCII, as addresses are looked up by. Raises Invalid."""
    name = domain_key(given)
    if name is None:
        raise Invalid.field("domain", "invalid_domain", "domain must be a domain name, like example.com.")
    if name in EVERYBODYS:
        message = f"Anybody may have an address at {name}: it cannot belong to an organization."
        raise Invalid.field("domain", "domain_not_allowed", message)
    return name


def domain_key(given: str) -> str | None:
    """Spelled as the keys of addresses spell theirs; None for what no address has."""
    key = lookup_key(f"nobody@{given.strip().removesuffix('.')}")
    domain = "" if key is None else key.rpartition("@")[2]
    return domain if "." in domain else None


def add_domain(
    tx: Transaction,
    identity: Identity,
    organization_id: str,
    domain: str,
    state: str,
    *,
    domain_id: str | None = None,
) -> OrganizationDomain:
    """Raises Conflict `domain_already_exists`."""
    now = identity.now
    domain_id = domain_id or new_id("org_domain", now)
    owner = tx.organization_domains.find_owner(domain)
    created = owner is None and tx.organization_domains.create(
        id=domain_id,
        organization_id=organization_id,
        domain=domain,
        state=state,
        verification_strategy="manual" if state == "verified" else "dns",
        verification_prefix=f"{PREFIX}-{secrets.token_hex(4)}",
        verification_token=secrets.token_urlsafe(24),
        verify_until=now + PERIOD,
        created_at=now,
        updated_at=now,
    )
    if not created:
        raise domain_taken()
    made = _existing(tx.organization_domains.find(domain_id), domain_id)
    append_domain_event(tx, identity, "organization_domain.created", made)
    if state == "verified":
        append_domain_event(tx, identity, "organization_domain.verified", made)
    return made


def vouch_for_domain(identity: Identity, domain_id: str) -> OrganizationDomain:
    """Verified by the caller's word. Raises NotFound, Denied `domain_already_verified`, Conflict
    `domain_already_exists`."""
    with identity.store.transaction() as tx:
        found = _existing(tx.organization_domains.find(domain_id), domain_id)
        if found.state == "verified":
            raise _already_verified()
        vouch_for(tx, identity, found)
        return _existing(tx.organization_domains.find(domain_id), domain_id)


def vouch_for(tx: Transaction, identity: Identity, domain: OrganizationDomain) -> None:
    """The app says that a domain is the organization's. Raises Conflict `domain_already_exists`."""
    try:
        verified = tx.organization_domains.verify(domain.id, strategy="manual", now=identity.now)
    except VerifiedElsewhere:
        raise domain_taken() from None
    if verified is not None:
        append_domain_event(tx, identity, "organization_domain.verified", verified)


def remove_domain(tx: Transaction, identity: Identity, domain_id: str) -> None:
    deleted = _existing(tx.organization_domains.delete(domain_id), domain_id)
    append_domain_event(tx, identity, "organization_domain.deleted", deleted)


def domain_object(domain: OrganizationDomain) -> dict[str, Any]:
    return {
        "object": "organization_domain",
        "id": domain.id,
        "organization_id": domain.organization_id,
        "domain": domain.domain,
        "state": domain.state,
        "verification_strategy": domain.verification_strategy,
        "verification_prefix": domain.verification_prefix,
        "verification_token": domain.verification_token,
        "created_at": domain.created_at,
        "updated_at": domain.updated_at,
    }


def append_domain_event(
    tx: Transaction, identity: Identity, event: str, domain: OrganizationDomain, *, reason: str | None = None
) -> None:
    data = domain_object(domain)
    if reason is not None:
        data = {"reason": reason, "organization_domain": data}
    append(tx, identity, event, data, organization_id=domain.organization_id)


def domain_taken() -> Conflict:
    """The same whoever has it: an organization must not learn about others."""
    return Conflict("This domain is in use already.", code="domain_already_exists")


def _verified(identity: Identity, found: OrganizationDomain) -> OrganizationDomain:
    try:
        with identity.store.transaction() as tx:
            verified = tx.organization_domains.verify(found.id, strategy="dns", now=identity.now)
            if verified is None:  # somebody was faster
                raise _already_verified()
            append_domain_event(tx, identity, "organization_domain.verified", verified)
            return verified
    except VerifiedElsewhere:
        return _failed(identity, found, "domain_verified_by_other_organization")


def _not_verified(identity: Identity, found: OrganizationDomain) -> OrganizationDomain:
    now = identity.now
    if found.state == "pending" and now > found.verify_until:
        return _failed(identity, found, "domain_verification_period_expired")
    if found.state != "failed":
        return found
    with identity.store.transaction() as tx:
        again = tx.organization_domains.begin_again(found.id, until=now + PERIOD, now=now)
        if again is not None:
            append_domain_event(tx, identity, "organization_domain.updated", again)
    return again or get_domain(identity, found.id)


def _failed(identity: Identity, found: OrganizationDomain, reason: str) -> OrganizationDomain:
    with identity.store.transaction() as tx:
        failed = tx.organization_domains.fail(found.id, now=identity.now)
        if failed is not None:
            event = "organization_domain.verification_failed"
            append_domain_event(tx, identity, event, failed, reason=reason)
    return failed or get_domain(identity, found.id)


def _already_verified() -> Denied:
    return Denied("The domain is verified already.", code="domain_already_verified")


def _existing(found: OrganizationDomain | None, domain_id: str) -> OrganizationDomain:
    if found is None:
        raise NotFound.of("Organization domain", domain_id)
    return found
