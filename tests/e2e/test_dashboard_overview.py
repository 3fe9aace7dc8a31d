"""The first pages of the dashboard in a real browser: readable by everybody, at every size, day and night."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.clocks import Clock
from tests.e2e.conftest import Visits
from tests.e2e.people import heading
from tests.e2e.test_every_page import look_at
from tests.server.dashboard.office import Office, open_office
from vestibule.server.identity.context import utc_now
from vestibule.server.identity.event_search import list_acts
from vestibule.server.identity.events import NOBODY, append_authentication
from vestibule.server.identity.operators import new_setup_link
from vestibule.server.identity.users import create_user

pytestmark = pytest.mark.e2e

PLACES = {
    "overview": "/dashboard",
    "getting-started": "/dashboard/getting-started?framework=fastapi",
    "events": "/dashboard/events",
    "operators": "/dashboard/operators",
    "signing-keys": "/dashboard/signing-keys",
    "settings": "/dashboard/settings",
    "health": "/dashboard/health",
}
NAMES = ("Ada", "Grace", "Alan", "Barbara", "Edsger", "Radia", "Donald")
SHARES = (("password", 11), ("passkey", 8), ("magic_auth", 5))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Where somebody came on each of the last forty days."""
    clock = Clock(utc_now())
    with open_office(tmp_path, clock) as office:
        today = clock.now
        for back in reversed(range(40)):
            clock.now = today - dt.timedelta(days=back)
            come(office, back)
        office.operator("owner").done("/dashboard/operators", email="grace@example.com", role="support")
        yield office


def come(office: Office, back: int) -> None:
    identity = office.identity
    email = f"{NAMES[back % len(NAMES)].lower()}{back}@example.com"
    user = create_user(identity, email=email, first_name=NAMES[back % len(NAMES)], email_verified=True)
    with identity.store.transaction() as tx:
        tx.users.record_sign_in(user.id, now=identity.now)
        for kind, share in SHARES:
            for number in range(share + (back * back * 7 + share) % 11):
                append_authentication(
                    tx,
                    identity,
                    kind,
                    caller=NOBODY,
                    user_id="user_1",
                    email="a@example.com",
                    error=("invalid_credentials", "No.") if number % 9 == 8 else None,
                )


def sit(page: Page, office: Office) -> None:
    for cookie in office.operator("owner").client.cookies.jar:
        page.context.add_cookies(
            [{"name": cookie.name, "value": cookie.value or "", "url": office.server.url}]
        )


@pytest.mark.verify
@pytest.mark.slow
def test_the_dashboard_is_readable_by_everybody(office: Office, visits: Visits) -> None:
    problems: list[str] = []
    (act,) = list_acts(office.identity, limit=1)
    places = {**PLACES, "event": f"/dashboard/events/{act.id}"}
    with visits.page(size="desk", bypass_csp=True) as page:
        sit(page, office)
        for name, path in places.items():
            page.goto(office.server.url + path)
            problems.extend(f"{name}: {problem}" for problem in look_at(page, f"dashboard-{name}"))
    assert problems == []


def test_who_opens_the_link_of_the_terminal_finds_a_dashboard(tmp_path: Path, visits: Visits) -> None:
    with open_office(tmp_path, Clock(utc_now())) as office, visits.page() as page:
        page.goto(str(new_setup_link(office.identity)))
        heading(page, "Become the first owner")
        page.get_by_label("Email address").fill("owner@example.com")
        page.get_by_label("Password", exact=True).fill("seven green bottles")
        page.keyboard.press("Enter")
        heading(page, "Overview")
        expect(page.get_by_role("status")).to_contain_text("You are the first owner of this server.")


def test_a_script_searches_while_one_types_and_copies(office: Office, visits: Visits) -> None:
    with visits.page(permissions=["clipboard-read", "clipboard-write"]) as page:
        sit(page, office)
        page.goto(f"{office.server.url}/dashboard/settings")
        page.get_by_label("Find a setting").press_sequentially("published leak")
        expect(page.locator("#found tbody tr")).to_have_count(1)
        assert page.url.endswith("?q=published+leak")
        page.goto(f"{office.server.url}/dashboard/getting-started")
        page.get_by_role("button", name="Copy: The command").click()
        assert page.evaluate("navigator.clipboard.readText()") == "pip install 'vestibule[fastapi]' uvicorn"


def test_without_a_script_everything_is_there(office: Office, visits: Visits) -> None:
    with visits.page(java_script_enabled=False) as page:
        sit(page, office)
        page.goto(f"{office.server.url}/dashboard")
        page.get_by_text("The same numbers as a table").click()
        expect(page.get_by_role("table", name="Sign-ins, new users and failures")).to_be_visible()
        page.get_by_role("link", name="7 days").click()
        assert page.url.endswith("?days=7")
        page.get_by_role("link", name="Settings").click()
        page.get_by_label("Find a setting").fill("published leak")
        page.keyboard.press("Enter")
        expect(page.locator("#found tbody tr")).to_have_count(1)
