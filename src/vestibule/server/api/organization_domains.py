"""Domains of organizations, and what they mean for people with an address there."""

from typing import Final

from vestibule.server.api.bodies import UNSET, Body, Line, Unset, given
from vestibule.server.api.operation import Call, Operations
from vestibule.server.api.organization_shapes import DomainPolicyShape, OrganizationDomainShape
from vestibule.server.api.shapes import show
from vestibule.server.identity import domain_policies, domains
from vestibule.server.identity.models import Organization

operations = Operations("organization_domains")

POLICY: Final = "/organizations/{id}/domain_policy"


class CreateDomain(Body):
    domain: Line
    organization_id: Line


class SetPolicy(Body):
    auto_join: bool | Unset = UNSET
    capture: bool | Unset = UNSET


@operations.post("/organization_domains", body=CreateDomain, answers=OrganizationDomainShape, status=201)
def create_organization_domain(call: Call[CreateDomain]) -> OrganizationDomainShape:
    """Add a domain to an organization, for it to verify."""
    body = call.body
    made = domains.create_domain(call.identity, organization_id=body.organization_id, domain=body.domain)
    return show(OrganizationDomainShape, made)


@operations.get("/organization_domains/{id}", answers=OrganizationDomainShape)
def get_organization_domain(call: Call[None]) -> OrganizationDomainShape:
    """Get a domain of an organization."""
    return show(OrganizationDomainShape, domains.get_domain(call.identity, call.path["id"]))


@operations.delete("/organization_domains/{id}", status=204)
def delete_organization_domain(call: Call[None]) -> None:
    """Take a domain from its organization."""
    domains.delete_domain(call.identity, call.path["id"])


@operations.post("/organization_domains/{id}/verify", answers=OrganizationDomainShape, status=201)
def verify_organization_domain(call: Call[None]) -> OrganizationDomainShape:
    """Look for the domain's TXT record: pending until it is there."""
    return show(OrganizationDomainShape, domains.verify_domain(call.identity, call.path["id"]))


@operations.get(POLICY, answers=DomainPolicyShape)
def get_domain_policy(call: Call[None]) -> DomainPolicyShape:
    """Get what an organization does about people with addresses in its verified domains."""
    return _show(domain_policies.get_domain_policy(call.identity, call.path["id"]))


@operations.put(POLICY, body=SetPolicy, answers=DomainPolicyShape)
def set_domain_policy(call: Call[SetPolicy]) -> DomainPolicyShape:
    """Change whether people with addresses in its verified domains join, and sign in by its rules."""
    changed = domain_policies.set_domain_policy(call.identity, call.path["id"], **given(call.body))
    return _show(changed)


def _show(found: Organization) -> DomainPolicyShape:
    return show(
        DomainPolicyShape,
        found,
        organization_id=found.id,
        auto_join=found.domain_auto_join,
        capture=found.domain_capture,
    )
