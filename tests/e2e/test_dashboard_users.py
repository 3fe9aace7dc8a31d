"""Users in a real browser: found while one types, looked after, and brought in from a file."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.clocks import Clock
from tests.e2e.conftest import Visits
from tests.e2e.test_dashboard_organizations import sit
from tests.e2e.test_every_page import look_at
from tests.server.dashboard.office import Office, open_office
from vestibule.server.identity.browser import begin_browser_session
from vestibule.server.identity.context import utc_now
from vestibule.server.identity.environment import update_environment
from vestibule.server.identity.events import Caller
from vestibule.server.identity.impersonation import request_impersonation
from vestibule.server.identity.memberships import create_membership
from vestibule.server.identity.organizations import create_organization
from vestibule.server.identity.people import User
from vestibule.server.identity.suspending import suspend_user
from vestibule.server.identity.users import create_user

pytestmark = pytest.mark.e2e

PEOPLE = (
    "Grace Hopper",
    "Mary Somerville",
    "Alan Turing",
    "Joan Clarke",
    "Radia Perlman",
    "José García-López",
)
CHROME = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
WRONG = "email,first_name\nkatherine@nasa.example,Katherine\nno address,Nobody\n"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with open_office(tmp_path, Clock(utc_now())) as office:
        yield office


@pytest.fixture
def grace(office: Office) -> User:
    identity = office.identity
    update_environment(identity, initiate_login_url="https://app.example.com/sign-in")
    made = [
        create_user(
            identity,
            email=f"{name.split()[0].lower().replace('é', 'e')}@engines.example",
            first_name=name.split()[0],
            last_name=name.split()[1],
            email_verified=name != "Joan Clarke",
            password="seven green bottles" if name == "Grace Hopper" else None,
        )
        for name in PEOPLE
    ]
    place = create_organization(identity, name="Analytical Engines")
    create_membership(identity, user_id=made[0].id, organization_id=place.id, roles=["admin"])
    begin_browser_session(
        identity,
        user_id=made[0].id,
        authentication_method="Password",
        caller=Caller(ip_address="203.0.113.7", user_agent=CHROME),
    )
    office.operator("owner")
    request_impersonation(
        identity, made[0].id, impersonator_email="owner@example.com", reason="Ticket 4711: an empty report"
    )
    suspend_user(identity, made[2].id)
    return made[0]


@pytest.mark.verify
@pytest.mark.slow
def test_users_are_readable_by_everybody(office: Office, grace: User, visits: Visits, tmp_path: Path) -> None:
    own = f"/dashboard/users/{grace.id}"
    places = {
        "users": "/dashboard/users?since=",
        "users-filtered": "/dashboard/users?suspended=1",
        "user-new": "/dashboard/users/new",
        "user-invite": "/dashboard/users/invite",
        "user": own,
        "user-sign-in": f"{own}/sign-in",
        "user-sessions": f"{own}/sessions",
        "user-organizations": f"{own}/organizations",
        "user-timeline": f"{own}/timeline",
        "user-impersonations": f"{own}/impersonations",
        "user-danger": f"{own}/danger",
        "impersonations": "/dashboard/impersonations",
        "import-new": "/dashboard/imports/new",
    }
    problems: list[str] = []
    with visits.page(size="desk", bypass_csp=True) as page:
        sit(page, office)
        for name, path in places.items():
            page.goto(office.server.url + path)
            problems.extend(f"{name}: {problem}" for problem in look_at(page, f"dashboard-{name}"))
        page.goto(office.server.url + places["import-new"])
        _upload(page, tmp_path)
        expect(page.get_by_role("button", name="Import 1 row")).to_be_visible()
        problems.extend(f"import: {problem}" for problem in look_at(page, "dashboard-import"))
    assert problems == []


def _upload(page: Page, directory: Path) -> None:
    file = directory / "people.csv"
    file.write_text(WRONG)
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Upload").click()


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_a_file_is_checked_and_taken_in_while_one_watches(
    office: Office, visits: Visits, tmp_path: Path, script: bool
) -> None:
    """With a script the page keeps itself up to date, and without one, too."""
    with visits.page(java_script_enabled=script) as page:
        sit(page, office)
        page.goto(f"{office.server.url}/dashboard/imports/new")
        _upload(page, tmp_path)
        expect(page.get_by_text("no address")).to_be_visible()
        page.get_by_role("button", name="Import 1 row").click()
        expect(page.get_by_text("Everything is taken in, but for the rows below")).to_be_visible()
        page.goto(f"{office.server.url}/dashboard/users?q=katherine")
        expect(page.get_by_role("link", name="Katherine")).to_be_visible()


def test_support_finds_somebody_while_typing_and_ends_their_sessions(
    office: Office, grace: User, visits: Visits
) -> None:
    with visits.page() as page:
        sit(page, office)
        page.goto(f"{office.server.url}/dashboard/users")
        page.get_by_label("Search users").press_sequentially("hop gra")
        expect(page.locator("#results tbody tr")).to_have_count(1)
        page.get_by_role("link", name="Grace Hopper").click()
        page.get_by_role("link", name="Sessions", exact=True).click()
        expect(page.get_by_text("Chrome on macOS")).to_be_visible()
        page.get_by_role("button", name="End every session").click()
        expect(page.get_by_text("Every session has ended")).to_be_visible()
        page.get_by_role("link", name="Danger").click()
        page.get_by_role("button", name="Suspend", exact=True).click()
        page.get_by_role("link", name="Timeline").click()
        expect(page.get_by_role("row").filter(has_text="The account was suspended")).to_contain_text(
            "owner@example.com"
        )
