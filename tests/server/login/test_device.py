"""The pages that approve a device, in a browser without JavaScript."""

import httpx2
import pytest

from tests.clocks import Clock
from tests.server.api.specification import check
from tests.server.login.conftest import PASSWORD, App
from tests.server.login.plain_browser import Page, PlainBrowser

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


def ask(app: App) -> dict[str, str]:
    """What the device does: no key, no secret, no cookies."""
    headers = {"user-agent": "TV/1 <b>"}
    with httpx2.Client(base_url=app.server.url, headers=headers, event_hooks={"response": [check]}) as device:
        body = {"client_id": app.server.client_id}
        return dict(device.post("/user_management/authorize/device", json=body).json())


def poll(app: App, begun: dict[str, str]) -> httpx2.Response:
    grant = {
        "grant_type": DEVICE_CODE,
        "device_code": begun["device_code"],
        "client_id": app.server.client_id,
    }
    with httpx2.Client(base_url=app.server.url, event_hooks={"response": [check]}) as device:
        return device.post("/user_management/authenticate", json=grant)


def sign_in(browser: PlainBrowser, page: Page, email: str = "ada@example.com") -> Page:
    return browser.sign_in(page, email, PASSWORD)


def decision(app: App, browser: PlainBrowser, begun: dict[str, str], email: str = "ada@example.com") -> Page:
    page = browser.send(
        browser.get(begun["verification_uri"]), "Continue", Code_on_your_device=begun["user_code"]
    )
    return sign_in(browser, page, email)


def test_a_device_signs_in_once_somebody_approved_it(app: App) -> None:
    begun, browser = ask(app), app.browser()
    assert begun["verification_uri"] == app.server.url + "/device"
    assert poll(app, begun).json()["error"] == "authorization_pending"
    page = decision(app, browser, begun)
    assert page.heading == "Sign in this device?"
    for shown in ("ada@example.com", begun["user_code"], "TV/1 &lt;b&gt;"):
        assert shown in page.response.text
    assert browser.send(page, "Approve").heading == "Your device is signed in"
    signed_in = poll(app, begun)
    assert signed_in.json()["user"]["email"] == "ada@example.com"
    assert poll(app, begun).json()["error"] == "invalid_grant"


def test_a_denied_device_is_told_so(app: App) -> None:
    begun, browser = ask(app), app.browser()
    page = browser.send(decision(app, browser, begun), "Deny")
    assert page.heading == "Your device is not signed in"
    assert poll(app, begun).json()["error"] == "access_denied"


def test_the_complete_address_fills_in_the_code_but_decides_nothing(app: App) -> None:
    begun, browser = ask(app), app.browser()
    page = browser.get(begun["verification_uri_complete"])
    assert page.value("Code on your device") == begun["user_code"]
    page = sign_in(browser, browser.send(page, "Continue"))
    assert page.heading == "Sign in this device?"
    assert poll(app, begun).json()["error"] == "authorization_pending"


def test_whoever_is_signed_in_already_is_asked_for_the_decision_only(app: App) -> None:
    browser = app.browser()
    sign_in(browser, app.begin(browser))
    begun = ask(app)
    page = browser.get(begun["verification_uri_complete"])
    page = browser.send(page, "Continue")
    assert page.heading == "Sign in this device?"
    browser.send(page, "Approve")
    assert poll(app, begun).status_code == 200


def test_a_member_of_several_organizations_chooses_where_the_device_goes(app: App) -> None:
    begun, browser = ask(app), app.browser()
    page = decision(app, browser, begun, "grace@example.com")
    assert page.heading == "Choose an organization"
    page = browser.send(page, "R Royal Society")
    assert "Royal Society" in page.text
    browser.send(page, "Approve")
    assert poll(app, begun).json()["organization_id"] == "org_society"


@pytest.mark.parametrize("typed", ["", "BCDF-GHJK", "<script>", "A" * 5_000])
def test_a_code_that_nothing_waits_under_is_refused(app: App, typed: str) -> None:
    browser = app.browser()
    page = browser.send(browser.get("/device"), "Continue", Code_on_your_device=typed)
    assert page.status == 422
    assert "Nothing waits under this code" in page.problem("Code on your device")


def test_a_code_that_ended_meanwhile_is_explained(app: App, clock: Clock) -> None:
    begun, browser = ask(app), app.browser()
    page = decision(app, browser, begun)
    clock.advance(seconds=301)
    assert browser.send(page, "Approve").heading == "This code is over"
    assert browser.get(page.url).heading == "This code is over"
    assert poll(app, begun).json()["error"] == "expired_token"


def test_EV_1_another_browser_cannot_decide(app: App) -> None:
    begun, browser, other = ask(app), app.browser(), app.browser()
    page = decision(app, browser, begun)
    sign_in(other, app.begin(other), "new@example.com")
    assert other.get(page.url).heading == "Sign in a device"
    values = page.forms[0].hidden | {"action": "approve"}
    assert other.post(page.url, values).status == 403
    assert poll(app, begun).json()["error"] == "authorization_pending"


def test_the_decision_is_for_who_took_every_step(app: App) -> None:
    """Somebody else signs in to the same browser before the button is pressed."""
    begun, browser = ask(app), app.browser()
    page = decision(app, browser, begun)
    other = sign_in(browser, app.begin(browser, prompt="login"), "grace@example.com")
    browser.send(other, "R Royal Society")
    assert browser.send(page, "Approve").heading == "Sign in a device"
    assert poll(app, begun).json()["error"] == "authorization_pending"


def test_reg_CVE_2026_45337_who_knows_the_code_cannot_decide_for_who_claimed_it(app: App) -> None:
    begun, browser, other = ask(app), app.browser(), app.browser()
    page = decision(app, browser, begun)
    late = other.send(decision(app, other, begun, "grace@example.com"), "R Royal Society")
    assert late.heading == "This code is over"
    assert browser.send(page, "Approve").heading == "Your device is signed in"
    assert poll(app, begun).json()["user"]["email"] == "ada@example.com"


def test_CS_1_an_approval_from_another_site_is_refused(app: App) -> None:
    begun, browser = ask(app), app.browser()
    page = decision(app, browser, begun)
    forged = browser._client.post(
        page.url, data=page.forms[0].hidden | {"action": "approve"}, headers={"sec-fetch-site": "cross-site"}
    )
    assert forged.status_code == 403
    assert poll(app, begun).json()["error"] == "authorization_pending"


def test_RL_2_guesses_are_slowed(app: App) -> None:
    browser = app.browser()
    for _ in range(10):
        page = browser.send(browser.get("/device"), "Continue", Code_on_your_device="BCDF-GHJK")
        assert page.status == 422
    page = browser.send(browser.get("/device"), "Continue", Code_on_your_device="BCDF-GHJK")
    assert page.status == 429
    assert page.response.headers["retry-after"].isdigit()


def test_a_device_without_a_client_is_refused(app: App) -> None:
    with httpx2.Client(base_url=app.server.url, event_hooks={"response": [check]}) as device:
        for body in ({}, {"client_id": "client_other"}, {"client_id": 5}):
            refused = device.post("/user_management/authorize/device", json=body)
            assert refused.status_code == 400
            assert refused.json()["error"] in ("invalid_request", "invalid_client")
