"""The domains of an organization: how it proves them, and what it does about the addresses in them."""

from typing import Final

from starlette.responses import Response

from vestibule.server.dashboard.deeds import deed, page
from vestibule.server.dashboard.desk import Desk
from vestibule.server.dashboard.mistakes import NONE, REFUSALS, Mistakes, mistakes
from vestibule.server.dashboard.organization import OWN, opened, place, tab
from vestibule.server.identity.domain_policies import set_domain_policy
from vestibule.server.identity.domains import (
    create_domain,
    delete_domain,
    get_domain,
    list_domains,
    verify_domain,
    vouch_for_domain,
)
from vestibule.server.identity.errors import NotFound
from vestibule.server.identity.models import Organization, OrganizationDomain
from vestibule.server.identity.operator_ways import spare_operators

HERE: Final = f"{OWN}/domains"
ONE: Final = HERE + "/{domain_id}"
SAID: Final = {
    "added": "The domain is claimed. Publish its record, then verify it.",
    "verified": "The record is there: the domain is verified.",
    "vouched": "The domain is verified, by your word.",
    "removed": "The domain is removed.",
    "saved": "Saved, for sign-ins from now on.",
}
NOT_THERE: Final = (
    "No such record was found at {name}. A new record can take some minutes, with some providers hours, "
    "until it is seen everywhere."
)


def show(desk: Desk, problems: Mistakes = NONE) -> Response:
    organization = opened(desk)
    return tab(
        desk,
        "organizations/domains.html",
        organization,
        problems=problems,
        values={"domain": "", **desk.form},
        domains=list_domains(desk.identity, [organization.id]).get(organization.id, ()),
    )


def add(desk: Desk) -> Response:
    organization = opened(desk)
    try:
        create_domain(
            desk.identity, organization_id=organization.id, domain=desk.form.get("domain", "").strip()
        )
    except REFUSALS as error:
        return show(desk, mistakes(error, {"domain_already_exists": "domain"}))
    return desk.go(f"{place(organization)}/domains", done="added")


def verify(desk: Desk) -> Response:
    organization = opened(desk)
    domain = _of(desk, organization)
    try:
        checked = verify_domain(desk.identity, domain.id)
    except REFUSALS as error:
        return show(desk, mistakes(error))
    if checked.state != "verified":
        name = f"{domain.verification_prefix}.{domain.domain}"
        return show(desk, Mistakes(problem=NOT_THERE.format(name=name)))
    return desk.go(f"{place(organization)}/domains", done="verified")


def vouch(desk: Desk) -> Response:
    organization = opened(desk)
    domain = _of(desk, organization)
    if desk.form.get("confirmation", "").strip().lower() != domain.domain:
        return show(
            desk, Mistakes({f"vouch-{domain.id}": f"Type {domain.domain} to verify it without a record."})
        )
    try:
        vouch_for_domain(desk.identity, domain.id)
    except REFUSALS as error:
        return show(desk, mistakes(error))
    return desk.go(f"{place(organization)}/domains", done="vouched")


def remove(desk: Desk) -> Response:
    organization = opened(desk)
    domain = _of(desk, organization)
    if desk.form.get("confirmation", "").strip().lower() != domain.domain:
        return show(desk, Mistakes({f"remove-{domain.id}": f"Type {domain.domain} to remove it."}))
    delete_domain(desk.identity, domain.id)
    return desk.go(f"{place(organization)}/domains", done="removed")


def save_policy(desk: Desk) -> Response:
    organization = opened(desk)
    try:
        set_domain_policy(
            desk.identity,
            organization.id,
            check=spare_operators(desk.identity, desk.insider.user.id),
            auto_join="auto_join" in desk.form,
            capture="capture" in desk.form,
        )
    except REFUSALS as error:
        return show(desk, mistakes(error))
    return desk.go(f"{place(organization)}/domains", done="saved")


def _of(desk: Desk, organization: Organization) -> OrganizationDomain:
    """Raises NotFound, for one of another organization too."""
    found = get_domain(desk.identity, desk.path("domain_id"))
    if found.organization_id != organization.id:
        raise NotFound.of("Organization domain", found.id)
    return found


DEEDS: Final = (
    page(HERE, show, said=SAID),
    deed(HERE, add, right="manage", back=HERE),
    deed(f"{OWN}/domain-policy", save_policy, right="manage", back=HERE),
    deed(f"{ONE}/verify", verify, right="support", back=HERE),
    deed(f"{ONE}/vouch", vouch, right="manage", back=HERE, fresh=True),
    deed(f"{ONE}/remove", remove, right="manage", back=HERE),
)
