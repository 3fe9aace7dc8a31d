"""Organizations: their domains, what they have paid for, and who tells them what."""

from contextlib import suppress
from typing import Any

from vestibule.server.identity.context import Identity
from vestibule.server.identity.domain_policies import set_domain_policy
from vestibule.server.identity.domains import create_domain
from vestibule.server.identity.errors import Conflict
from vestibule.server.identity.organizations import (
    create_organization,
    get_organization,
    set_entitlements,
    update_organization,
)
from vestibule.server.identity.seeds.entries import Entry, SeedInvalid, stable_id
from vestibule.server.identity.seeds.references import find_organization
from vestibule.server.identity.webhooks import create_endpoint


def seed_organization(identity: Identity, entry: Entry) -> None:
    """Without an id it gets one from its external id or its name. One that is here gets what it lacks."""
    name, external_id = entry.text("name"), entry.text("external_id")
    organization_id = entry.text("id") or stable_id("org", external_id or name)
    if name is None:
        raise SeedInvalid(entry.place, "lacks 'name'")
    metadata = entry.metadata()
    present = find_organization(identity, organization_id)
    if present is None:
        create_organization(
            identity,
            name=name,
            external_id=external_id,
            metadata=metadata or None,
            organization_id=organization_id,
        )
    _complete(identity, present or organization_id, entry)


def _complete(identity: Identity, organization_id: str, entry: Entry) -> None:
    for domain in entry.entries("domains"):
        _seed_domain(identity, organization_id, domain)
    current = get_organization(identity, organization_id)
    if entry.has("entitlements"):
        wanted = sorted(set(entry.texts("entitlements")))
        if list(current.entitlements) != wanted:
            set_entitlements(identity, organization_id, entitlements=wanted)
    profiles = "allow_profiles_outside_organization"
    outside = entry.flag(profiles, default=current.allow_profiles_outside_organization)
    if outside != current.allow_profiles_outside_organization:
        update_organization(identity, organization_id, changes={profiles: outside})
    policy = {
        "auto_join": entry.flag("domain_auto_join", default=current.domain_auto_join),
        "capture": entry.flag("domain_capture", default=current.domain_capture),
    }
    if policy != {"auto_join": current.domain_auto_join, "capture": current.domain_capture}:
        set_domain_policy(identity, organization_id, auto_join=policy["auto_join"], capture=policy["capture"])


def _seed_domain(identity: Identity, organization_id: str, entry: Entry) -> None:
    """Verified unless it says otherwise: whoever writes a seed says whose domain it is."""
    domain, state = entry.need("domain", "name"), entry.text("state") or "verified"
    domain_id = entry.text("id") or stable_id("org_domain", organization_id, domain)
    entry.finish()
    with identity.store.read() as tx:
        if tx.organization_domains.find(domain_id) is not None:
            return
    create_domain(identity, organization_id=organization_id, domain=domain, state=state, domain_id=domain_id)


def seed_webhook_endpoint(identity: Identity, entry: Entry) -> None:
    url = entry.need("endpoint_url", "url", "name")
    given: dict[str, Any] = {
        "events": entry.texts("events"),
        "secret": entry.text("secret"),
        "endpoint_id": entry.text("id") or stable_id("we", url),
    }
    with suppress(Conflict):
        create_endpoint(identity, endpoint_url=url, **given)
