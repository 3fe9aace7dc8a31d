"""Approving a device, signing out, the way back by a form: by keyboard alone, and readable by everybody."""

from collections.abc import Iterator
from urllib.parse import urlencode

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visits
from tests.e2e.people import PASSWORD, heading, identify, prove
from tests.e2e.test_every_page import look_at
from tests.server.hosted import CHALLENGE
from tests.servers import Running, running_server

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

ADA = "ada@example.com"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    seed = {
        "redirect_uris": [{"uri": "http://localhost/callback"}],
        "organizations": [{"id": "org_engines", "name": "Analytical Engines"}],
        "users": [{"email": ADA, "password": PASSWORD, "email_verified": True}],
        "memberships": [{"email": ADA, "organization_id": "org_engines"}],
    }
    with running_server(tmp_path_factory.mktemp("devices"), seed=seed, development=False) as running:
        yield running


def begin(server: Running) -> dict[str, str]:
    headers = {
        "user-agent": "acme-cli/2.1 (a rather long name of a program that somebody chose, to see it wrap)"
    }
    body = {"client_id": server.client_id}
    return dict(
        httpx2.post(server.url + "/user_management/authorize/device", json=body, headers=headers).json()
    )


def test_nobody_is_kept_out_of_these_pages(server: Running, visits: Visits) -> None:
    problems: list[str] = []

    def stop(page: Page, name: str) -> None:
        problems.extend(f"{name}: {problem}" for problem in look_at(page, name))

    with visits.page(size="desk", bypass_csp=True) as page:
        begun = begin(server)
        page.goto(begun["verification_uri"])
        page.keyboard.type("BCDF-GHJK")
        page.keyboard.press("Enter")
        page.get_by_text("Nothing waits under this code").wait_for()
        stop(page, "device-problem")
        page.goto(begun["verification_uri_complete"])
        stop(page, "device")
        page.keyboard.press("Enter")
        page.get_by_label("Email address").fill(ADA)
        page.keyboard.press("Enter")
        heading(page, "Enter your password")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        heading(page, "Sign in this device?")
        stop(page, "device-decision")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        heading(page, "Your device is signed in")
        stop(page, "device-approved")
        page.goto(server.url + "/oauth2/logout")
        heading(page, "Sign out?")
        stop(page, "sign-out")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        heading(page, "You are signed out")
    assert problems == []


@pytest.mark.parametrize("scripts", [True, False])
def test_an_answer_is_posted_by_itself_or_by_a_button(server: Running, visits: Visits, scripts: bool) -> None:
    with visits.page(java_script_enabled=scripts) as page:
        posted: list[str] = []
        page.route("http://localhost/callback", lambda route: _answer(route, posted))
        query = f"client_id={server.client_id}&redirect_uri=http://localhost/callback&response_type=code"
        query += f"&{urlencode(CHALLENGE)}"
        page.goto(f"{server.url}/oauth2/authorize?{query}&response_mode=form_post&state=s")
        identify(page, ADA)
        prove(page)
        if not scripts:
            heading(page, "Back to the application")
            page.get_by_role("button", name="Continue").click()
        page.wait_for_url("http://localhost/callback")
        assert "code=" in posted[0]
        assert "state=s" in posted[0]


def _answer(route: object, posted: list[str]) -> None:
    posted.append(str(route.request.post_data))  # type: ignore[attr-defined]
    route.fulfill(body="thanks")  # type: ignore[attr-defined]


def test_a_television_shows_a_code_and_a_phone_lets_it_in(server: Running, visits: Visits) -> None:
    begun = begin(server)
    asked = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": begun["device_code"],
        "client_id": server.client_id,
    }
    with visits.page(size="desk") as television, visits.page(size="phone") as phone:
        television.set_content(f"<title>TV</title><h1>{begun['user_code']}</h1>")
        poll = television.context.request
        waiting = poll.post(server.url + "/user_management/authenticate", data=asked)
        assert waiting.json()["error"] == "authorization_pending"

        phone.goto(begun["verification_uri"])
        phone.get_by_label("Code on your device").fill(television.locator("h1").inner_text())
        phone.get_by_role("button", name="Continue").click()
        heading(phone, "Sign in")
        identify(phone, ADA)
        prove(phone)
        heading(phone, "Sign in this device?")
        expect(phone.locator("dl.facts")).to_contain_text(television.locator("h1").inner_text())
        phone.get_by_role("button", name="Approve").click()
        heading(phone, "Your device is signed in")

        television.wait_for_timeout(5_100)  # the interval that the server asks for
        done = poll.post(server.url + "/user_management/authenticate", data=asked)
        assert done.json()["user"]["email"] == ADA
