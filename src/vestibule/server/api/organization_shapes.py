"""What the API shows of an organization, its domains and what is set for it."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from vestibule.server.api.shapes import show
from vestibule.server.identity.models import Organization, OrganizationDomain


class OrganizationDomainShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["organization_domain"] = "organization_domain"
    id: str
    organization_id: str
    domain: str
    state: Literal["failed", "legacy_verified", "pending", "unverified", "verified"]
    verification_strategy: Literal["dns", "manual"]
    verification_prefix: str
    verification_token: str
    created_at: str
    updated_at: str


class OrganizationShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["organization"] = "organization"
    id: str
    name: str
    domains: list[OrganizationDomainShape]
    metadata: dict[str, str]
    external_id: str | None
    allow_profiles_outside_organization: bool
    created_at: str
    updated_at: str


class DomainPolicyShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["organization_domain_policy"] = "organization_domain_policy"
    organization_id: str
    auto_join: bool
    capture: bool
    updated_at: str


class EntitlementsShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["organization_entitlements"] = "organization_entitlements"
    organization_id: str
    entitlements: list[str]
    updated_at: str


def show_organization(organization: Organization, domains: Sequence[OrganizationDomain]) -> OrganizationShape:
    shown = [show(OrganizationDomainShape, each) for each in domains]
    return show(OrganizationShape, organization, domains=shown)
