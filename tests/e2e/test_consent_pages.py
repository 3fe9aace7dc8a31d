"""An application of others asks, is allowed, and is removed: in a browser that heeds the pages' policy."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visits
from tests.e2e.people import PASSWORD, heading, identify, prove
from tests.e2e.test_every_page import look_at
from tests.server.hosted import CHALLENGE
from tests.servers import Running, running_server
from vestibule.server.identity.applications import create_application
from vestibule.server.identity.operators import add_operator
from vestibule.server.identity.permissions import create_permission

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

ADA = "ada@example.com"
SCOPES = ["openid", "profile", "email", "offline_access", "invoices:read"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    seed = {
        "redirect_uris": [{"uri": "http://localhost/callback"}],
        "organizations": [{"id": "org_engines", "name": "Analytical Engines Ltd."}],
        "users": [{"email": ADA, "password": PASSWORD, "email_verified": True}],
    }
    with running_server(tmp_path_factory.mktemp("consent"), seed=seed, development=False) as running:
        create_permission(running.identity, slug="invoices:read", name="Read your invoices")
        add_operator(running.identity, ADA, "owner")
        yield running


@pytest.fixture
def request_(server: Running) -> str:
    made = create_application(
        server.identity,
        name="Engine Reports",
        organization_id="org_engines",
        homepage_url="https://engines.example.com",
        scopes=SCOPES,
        redirect_uris=[{"uri": there(server)}],
    )
    asked = {"client_id": made.client_id, "redirect_uri": there(server), "response_type": "code"} | CHALLENGE
    return f"{server.url}/oauth2/authorize?{urlencode({'scope': ' '.join(SCOPES), **asked})}"


def there(server: Running) -> str:
    """Another origin, which answers."""
    return server.url.replace("localhost", "127.0.0.1") + "/healthz"


@pytest.mark.parametrize("scripts", [True, False])
def test_a_yes_leads_to_the_application_and_a_no_as_well(
    server: Running, visits: Visits, request_: str, scripts: bool
) -> None:
    with visits.page(java_script_enabled=scripts) as page:
        page.goto(request_)
        identify(page, ADA)
        prove(page)
        heading(page, "Allow Engine Reports?")
        page.get_by_role("button", name="Cancel").click()
        page.wait_for_url(f"{there(server)}?error=access_denied*")
        page.go_back()
        heading(page, "Allow Engine Reports?")
        page.reload()
        page.get_by_role("button", name="Allow").click()
        page.wait_for_url(f"{there(server)}?code=*")
        page.goto(request_)
        page.wait_for_url(f"{there(server)}?code=*")


def test_nobody_is_kept_out_of_these_pages(server: Running, visits: Visits, request_: str) -> None:
    problems: list[str] = []

    def stop(page: Page, name: str) -> None:
        problems.extend(f"{name}: {problem}" for problem in look_at(page, name))

    with visits.page(size="desk", bypass_csp=True) as page:
        page.goto(request_)
        identify(page, ADA)
        prove(page)
        heading(page, "Allow Engine Reports?")
        stop(page, "consent")
        address = page.url
        page.goto(f"{address}&locale=ar")
        stop(page, "consent-ar")
        page.goto(f"{address}&locale=en")
        page.get_by_role("button", name="Allow").click()
        page.wait_for_url(f"{there(server)}?code=*")
        for place in ("applications", "applications/new"):
            page.goto(f"{server.url}/dashboard/{place}")
            stop(page, f"dashboard-{place.replace('/', '-')}")
        page.goto(f"{server.url}/dashboard/applications")
        page.get_by_role("link", name="Engine Reports").first.click()
        heading(page, "Engine Reports")
        stop(page, "dashboard-application-one")
        page.goto(f"{server.url}/account/connected-apps")
        stop(page, "account-connected-apps")
        page.get_by_role("button", name="Remove Engine Reports").first.click()
        expect(page.get_by_role("status")).to_contain_text("The app is removed")
    assert problems == []
