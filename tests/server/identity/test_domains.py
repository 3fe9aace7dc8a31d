from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from tests.clocks import Clock
from tests.server.people import events_of
from vestibule.server.identity import organizations
from vestibule.server.identity.context import Identity
from vestibule.server.identity.domains import (
    create_domain,
    delete_domain,
    get_domain,
    list_domains,
    verify_domain,
)
from vestibule.server.identity.errors import Conflict, Denied, Invalid, NotFound
from vestibule.server.identity.models import OrganizationDomain
from vestibule.server.identity.paging import Page


@dataclass
class Zone:
    """The DNS as these tests want it."""

    texts: dict[str, list[str]] = field(default_factory=dict)

    def __call__(self, name: str) -> Sequence[str]:
        return self.texts.get(name, [])

    def publish(self, domain: OrganizationDomain) -> None:
        name = f"{domain.verification_prefix}.{domain.domain}"
        self.texts[name] = ["v=spf1 -all", domain.verification_token]


@pytest.fixture
def zone() -> Zone:
    return Zone()


@pytest.fixture
def identity(identity: Identity, zone: Zone) -> Identity:
    return replace(identity, txt_records=zone)


@pytest.fixture
def acme(identity: Identity) -> str:
    return organizations.create_organization(identity, name="Acme").id


@pytest.fixture
def rival(identity: Identity) -> str:
    return organizations.create_organization(identity, name="Rival").id


def claim(identity: Identity, organization_id: str, domain: str = "acme.com") -> OrganizationDomain:
    return create_domain(identity, organization_id=organization_id, domain=domain)


def test_a_domain_is_verified_by_its_record(identity: Identity, zone: Zone, acme: str) -> None:
    made = claim(identity, acme, " ACME.com. ")
    assert made.id.startswith("org_domain_")
    assert (made.domain, made.state, made.verification_strategy) == ("acme.com", "pending", "dns")
    assert verify_domain(identity, made.id).state == "pending"
    zone.publish(made)
    assert verify_domain(identity, made.id).state == "verified"
    with pytest.raises(Denied) as caught:
        verify_domain(identity, made.id)
    assert caught.value.code == "domain_already_verified"
    told = [event.event for event in events_of(identity) if "domain" in event.event]
    assert told == ["organization_domain.created", "organization_domain.verified"]


def test_a_record_of_another_claim_proves_nothing(
    identity: Identity, zone: Zone, acme: str, rival: str
) -> None:
    ours, theirs = claim(identity, acme), claim(identity, rival)
    zone.publish(theirs)
    assert verify_domain(identity, ours.id).state == "pending"
    zone.texts[f"{ours.verification_prefix}.acme.com"] = [
        theirs.verification_token,
        "",
        ours.verification_prefix,
    ]
    assert verify_domain(identity, ours.id).state == "pending"


def test_a_domain_is_verified_for_one_organization(
    identity: Identity, zone: Zone, acme: str, rival: str
) -> None:
    ours, theirs = claim(identity, acme), claim(identity, rival)
    zone.publish(ours)
    zone.publish(theirs)
    assert verify_domain(identity, ours.id).state == "verified"
    assert verify_domain(identity, theirs.id).state == "failed"
    (failed,) = events_of(identity, "organization_domain.verification_failed")
    assert failed.data["reason"] == "domain_verified_by_other_organization"
    assert failed.data["organization_domain"]["id"] == theirs.id
    delete_domain(identity, theirs.id)
    with pytest.raises(Conflict) as caught:
        claim(identity, rival)
    assert caught.value.code == "domain_already_exists"
    with pytest.raises(Conflict):
        organizations.update_organization(
            identity, rival, changes={"domain_data": [{"domain": "acme.com", "state": "verified"}]}
        )


def test_a_claim_waits_thirty_days_and_can_be_renewed(
    identity: Identity, zone: Zone, acme: str, clock: Clock
) -> None:
    made = claim(identity, acme)
    clock.advance(days=31)
    assert verify_domain(identity, made.id).state == "failed"
    (failed,) = events_of(identity, "organization_domain.verification_failed")
    assert failed.data["reason"] == "domain_verification_period_expired"
    assert verify_domain(identity, made.id).state == "pending"
    clock.advance(days=29)
    assert verify_domain(identity, made.id).state == "pending"
    zone.publish(made)
    assert verify_domain(identity, made.id).state == "verified"


def test_an_organization_has_a_domain_once(identity: Identity, acme: str) -> None:
    made = claim(identity, acme)
    with pytest.raises(Conflict):
        claim(identity, acme)
    delete_domain(identity, made.id)
    for ask in (get_domain, delete_domain, verify_domain):
        with pytest.raises(NotFound):
            ask(identity, made.id)
    assert claim(identity, acme).id != made.id


@pytest.mark.parametrize(
    "domain", ["", "acme", "a b.com", "acme..com", "-a.com", "192.0.2.1", "gmail.com", "a@b.c"]
)
def test_what_is_no_organizations_domain_is_refused(identity: Identity, acme: str, domain: str) -> None:
    with pytest.raises(Invalid):
        claim(identity, acme, domain)
    with pytest.raises(Invalid):
        organizations.create_organization(
            identity, name="X", domain_data=[{"domain": domain, "state": "verified"}]
        )


def test_a_domain_of_letters_of_the_world_is_kept_as_the_dns_has_it(identity: Identity, acme: str) -> None:
    assert claim(identity, acme, "Bücher.example.com").domain == "xn--bcher-kva.example.com"


def test_an_unknown_organization_gets_no_domain(identity: Identity) -> None:
    with pytest.raises(NotFound):
        claim(identity, "org_x")


def test_domains_come_with_their_organization(identity: Identity) -> None:
    made = organizations.create_organization(
        identity,
        name="Acme",
        domain_data=[
            {"domain": "acme.com", "state": "verified"},
            {"domain": "acme.org", "state": "pending"},
        ],
    )
    (created,) = events_of(identity, "organization.created")
    assert [(each["domain"], each["state"]) for each in created.data["domains"]] == [
        ("acme.com", "verified"),
        ("acme.org", "pending"),
    ]
    assert created.data["domains"][0]["verification_strategy"] == "manual"
    found = organizations.list_organizations(identity, Page(), domains=["other.com", "ACME.org"]).data
    assert [each.id for each in found] == [made.id]


def test_domain_data_is_the_whole_set(identity: Identity, acme: str) -> None:
    def set_domains(**states: str) -> dict[str, tuple[str, str]]:
        data = [{"domain": f"{name}.com", "state": state} for name, state in states.items()]
        organizations.update_organization(identity, acme, changes={"domain_data": data})
        found = list_domains(identity, [acme]).get(acme, ())
        return {each.domain: (each.state, each.id) for each in found}

    first = set_domains(one="pending", two="pending")
    second = set_domains(two="verified", three="pending")
    assert {name: state for name, (state, _) in second.items()} == {
        "two.com": "verified",
        "three.com": "pending",
    }
    assert second["two.com"][1] == first["two.com"][1]
    assert set_domains(two="pending")["two.com"][0] == "verified"
    assert set_domains() == {}
    assert events_of(identity, "organization.updated")[-1].data["domains"] == []
    assert len(events_of(identity, "organization_domain.deleted")) == 3


def test_a_deleted_organization_leaves_its_domains_to_others(identity: Identity, rival: str) -> None:
    data = [{"domain": "acme.com", "state": "verified"}]
    first = organizations.create_organization(identity, name="Acme", domain_data=data).id
    with pytest.raises(Conflict):
        organizations.create_organization(identity, name="Copy", domain_data=data)
    assert len(organizations.list_organizations(identity, Page()).data) == 2
    organizations.delete_organization(identity, first)
    (deleted,) = events_of(identity, "organization.deleted")
    assert [each["domain"] for each in deleted.data["domains"]] == ["acme.com"]
    assert (
        create_domain(identity, organization_id=rival, domain="acme.com", state="verified").state
        == "verified"
    )
