"""Organizations, roles and policies of the dashboard in a real browser: with a script and without it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.clocks import Clock
from tests.e2e.conftest import Visits
from tests.e2e.test_every_page import look_at
from tests.server.dashboard.office import Office, open_office
from vestibule.server.identity.context import Identity, utc_now
from vestibule.server.identity.domains import create_domain
from vestibule.server.identity.flags import add_target, create_flag
from vestibule.server.identity.groups import create_group
from vestibule.server.identity.invitations import create_invitation
from vestibule.server.identity.memberships import create_membership
from vestibule.server.identity.models import Organization
from vestibule.server.identity.organizations import create_organization
from vestibule.server.identity.owned_keys import create_organization_key
from vestibule.server.identity.permissions import create_permission
from vestibule.server.identity.roles import create_role, get_role
from vestibule.server.identity.users import create_user

pytestmark = pytest.mark.e2e

THINGS = ("audit", "billing", "invoices", "members", "projects", "reports", "settings", "webhooks")
DEEDS = ("read", "write", "delete", "share", "approve")
ROLES = ("Owner", "Billing manager", "Editor", "Viewer", "Support", "Auditor", "Developer", "Guest")
PEOPLE = ("Ada Lovelace", "Grace Hopper", "Mary Somerville", "Alan Turing", "Joan Clarke", "Radia Perlman")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with open_office(tmp_path, Clock(utc_now())) as office:
        yield office


@pytest.fixture
def acme(office: Office) -> Organization:
    """Forty permissions, ten roles, and a customer with a bit of everything."""
    identity = office.identity
    for thing in THINGS:
        for deed in DEEDS:
            create_permission(identity, slug=f"{thing}:{deed}", name=f"{deed.capitalize()} {thing}")
    for name in ROLES:
        slug = name.lower().replace(" ", "-")
        create_role(identity, name=name, slug=slug, permissions=[f"{thing}:read" for thing in THINGS[:5]])
    place = create_organization(
        identity,
        name="Analytical Engines",
        external_id="crm-1842",
        metadata={"plan": "team"},
        domain_data=[{"domain": "engines.example", "state": "verified"}],
    )
    create_domain(identity, organization_id=place.id, domain="difference-engines.example")
    _fill(identity, place)
    for name in ("Royal Society", "Navy Yard", "Bletchley Park"):
        create_organization(identity, name=name)
    return place


def _fill(identity: Identity, place: Organization) -> None:
    for number, name in enumerate(PEOPLE):
        first, last = name.split()
        user = create_user(
            identity,
            email=f"{first.lower()}@engines.example",
            first_name=first,
            last_name=last,
            email_verified=True,
        )
        create_membership(
            identity,
            user_id=user.id,
            organization_id=place.id,
            roles=["admin", "editor"] if number == 0 else ["viewer"],
            status="inactive" if number == 5 else "active",
        )
    create_invitation(identity, email="charles@engines.example", organization_id=place.id, role_slug="editor")
    create_group(identity, organization_id=place.id, name="Research", description="Who thinks")
    create_organization_key(identity, place.id, name="Nightly export", permissions=["invoices:read"])
    create_role(identity, name="Head of engines", organization_id=place.id)
    create_flag(identity, slug="new-editor", enabled=True)
    add_target(identity, "new-editor", place.id)


def sit(page: Page, office: Office) -> None:
    for cookie in office.operator("owner").client.cookies.jar:
        page.context.add_cookies(
            [{"name": cookie.name, "value": cookie.value or "", "url": office.server.url}]
        )


@pytest.mark.verify
@pytest.mark.slow
def test_organizations_roles_and_policies_are_readable_by_everybody(
    office: Office, acme: Organization, visits: Visits
) -> None:
    own = f"/dashboard/organizations/{acme.id}"
    places = {
        "organizations": "/dashboard/organizations",
        "organization": own,
        "organization-members": f"{own}/members",
        "organization-invitations": f"{own}/invitations",
        "organization-domains": f"{own}/domains",
        "organization-sign-in": f"{own}/sign-in",
        "organization-roles": f"{own}/roles",
        "organization-groups": f"{own}/groups",
        "organization-api-keys": f"{own}/api-keys",
        "organization-delete": f"{own}/delete",
        "roles": "/dashboard/roles",
        "role": "/dashboard/roles/edit/viewer",
        "permission": "/dashboard/roles/permissions?slug=invoices:read",
        "sign-in": "/dashboard/sign-in",
        "flags": "/dashboard/flags",
        "flag": "/dashboard/flags/new-editor",
    }
    problems: list[str] = []
    with visits.page(size="desk", bypass_csp=True) as page:
        sit(page, office)
        for name, path in places.items():
            page.goto(office.server.url + path)
            problems.extend(f"{name}: {problem}" for problem in look_at(page, f"dashboard-{name}"))
    assert problems == []


def test_a_script_finds_while_one_types_and_copies_the_link(
    office: Office, acme: Organization, visits: Visits
) -> None:
    with visits.page(permissions=["clipboard-read", "clipboard-write"]) as page:
        sit(page, office)
        page.goto(f"{office.server.url}/dashboard/organizations")
        page.get_by_label("Search organizations").press_sequentially("engi")
        expect(page.locator("#results tbody tr")).to_have_count(1)
        page.get_by_role("link", name="Analytical Engines").click()
        page.get_by_role("link", name="Members", exact=True).click()
        page.get_by_label("Search members").press_sequentially("hop")
        expect(page.locator("#results tbody tr")).to_have_count(1)
        page.get_by_role("link", name="Invitations", exact=True).click()
        page.get_by_role("button", name="Copy link for charles@engines.example").click()
        assert "/invite?invitation_token=" in page.evaluate("navigator.clipboard.readText()")


@pytest.mark.usefixtures("acme")
def test_the_table_of_roles_is_ticked_by_keyboard_and_without_a_script(
    office: Office, visits: Visits
) -> None:
    with visits.page(java_script_enabled=False) as page:
        sit(page, office)
        page.goto(f"{office.server.url}/dashboard/roles")
        page.get_by_label("Guest may webhooks:approve").focus()
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        page.get_by_label("Guest may audit:read").focus()
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("Saved.")
    assert "webhooks:approve" in get_role(office.identity, "guest").permissions
    assert "audit:read" not in get_role(office.identity, "guest").permissions
