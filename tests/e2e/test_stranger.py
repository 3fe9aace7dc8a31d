"""Whoever runs `make dev` and has read nothing: an account, a passkey, an organization, a colleague; then the
same seen by the operator, who signs in as them and finds it all in the events."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visits
from tests.e2e.people import create_organization, heading, open_mail, sign_up
from tests.e2e.stack import Stack
from tests.e2e.test_factors import add_authenticator

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

MARY, COLLEAGUE, ADA = "mary.somerville@example.com", "caroline@example.com", "ada@example.com"


def test_a_stranger_finds_everything_by_following_links(stack: Stack, visits: Visits) -> None:
    with visits.page() as page:
        _settle_in(page, stack)
    with visits.page() as page:
        _look_after_them(page, stack)


def _settle_in(page: Page, stack: Stack) -> None:
    add_authenticator(page)
    sign_up(page, stack, MARY)
    create_organization(page, "Society of Tides")
    page.get_by_role("button", name="Switch to Society of Tides").click()
    page.get_by_role("link", name="Name, password, passkeys, devices").click()
    heading(page, "Profile")
    page.get_by_role("navigation", name="Account").get_by_role("link", name="Security").click()
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Create a passkey").click()
    expect(page.get_by_role("status")).to_contain_text("Your passkey is ready.")
    page.get_by_role("link", name=re.compile("^Back to")).click()
    page.get_by_role("link", name="Go to your account").click()
    page.get_by_role("link", name="Invite somebody to Society of Tides").click()
    page.get_by_label("Email address").fill(COLLEAGUE)
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text(COLLEAGUE).first).to_be_visible()
    open_mail(page, stack, COLLEAGUE, "invit")


def _look_after_them(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.server}/dashboard")
    page.get_by_label("Email address").fill(ADA)
    page.keyboard.press("Enter")
    page.get_by_label("Password", exact=True).fill(stack.demo_password)
    page.keyboard.press("Enter")
    heading(page, "Overview")
    contents = page.get_by_role("navigation", name="Dashboard")
    contents.get_by_role("link", name="Organizations").click()
    page.get_by_role("link", name="Society of Tides").click()
    page.get_by_role("link", name="Invitations", exact=True).click()
    expect(page.get_by_text(COLLEAGUE).first).to_be_visible()
    contents.get_by_role("link", name="Users").click()
    page.get_by_role("searchbox").fill(MARY)
    page.get_by_role("row").filter(has_text=MARY).get_by_role("link", name="Mary Somerville").click()
    page.get_by_role("link", name="Impersonation", exact=True).click()
    page.get_by_label("Reason").fill("Ticket 1831")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Ticket 1831")).to_be_visible()
    page.get_by_role("button", name=re.compile("Mary|mary|Sign in|Continue")).first.click()
    page.goto(f"{stack.app}/account")
    heading(page, "Welcome, Mary.")
    page.goto(f"{stack.server}/dashboard/events")
    for name in ("impersonation.created", "passkey.created", "organization.created", "invitation.created"):
        page.get_by_label("Event or group").fill(name)
        page.get_by_role("button", name="Filter").click()
        expect(page.get_by_role("link", name=name).first).to_be_visible()
