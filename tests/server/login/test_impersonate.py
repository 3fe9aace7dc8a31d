"""The operator's way: the link, the click, the app's own sign-in, and a session that says who it is."""

from typing import Any

import pytest

from tests.clocks import Clock
from tests.server.login.conftest import PASSWORD, App
from tests.server.login.plain_browser import PlainBrowser
from vestibule.server.identity.environment import update_environment
from vestibule.server.identity.users import find_user_by_email

SIGN_IN = "http://localhost:8000/auth/sign-in"
REASON = "Ticket 4711 <b>empty</b> report"


@pytest.fixture
def link(app: App) -> str:
    update_environment(app.server.identity, initiate_login_url=SIGN_IN)
    return str(asked(app).json()["url"])


def asked(app: App, email: str = "ada@example.com", **more: Any) -> Any:
    user = find_user_by_email(app.server.identity, email)
    assert user is not None
    body = {"impersonator_email": "ops@example.com", "reason": REASON} | more
    with app.server.client() as client:
        return client.post(f"/user_management/users/{user.id}/impersonate", json=body)


def test_AK_3_the_operator_sees_who_and_why_before_anything_happens(app: App, link: str) -> None:
    browser = app.browser()
    for _ in range(2):
        page = browser.get(link)
        assert page.heading == "Sign in as somebody else"
    assert "ops@example.com" in page.text
    assert "ada@example.com" in page.text
    assert "Ticket 4711 &lt;b&gt;empty" in page.text
    browser.send(page, "Continue as ada@example.com")
    assert browser.left_for == SIGN_IN
    app.begin(browser)
    done = app.finish(browser)
    assert done["user"]["email"] == "ada@example.com"
    assert done["impersonator"] == {"email": "ops@example.com", "reason": REASON}
    assert done["authentication_method"] == "Impersonation"


def test_AK_3_the_pages_do_not_take_the_operator_for_the_user(app: App, link: str) -> None:
    browser = app.browser()
    browser.send(browser.get(link), "Continue as ada@example.com")
    app.begin(browser)
    app.finish(browser)
    assert app.begin(browser).heading == "Sign in"


def test_an_operators_own_session_is_left_alone(app: App, link: str) -> None:
    browser = app.browser()
    browser.sign_in(app.begin(browser, organization_id="org_engines"), "grace@example.com", PASSWORD)
    app.finish(browser)
    browser.send(browser.get(link), "Continue as ada@example.com")
    app.begin(browser)
    assert app.finish(browser)["user"]["email"] == "ada@example.com"
    app.begin(browser, organization_id="org_engines")
    assert app.finish(browser)["user"]["email"] == "grace@example.com"


def test_a_used_link_and_one_in_another_browser_lead_nowhere(app: App, link: str, clock: Clock) -> None:
    browser, other = app.browser(), app.browser()
    page, theirs = browser.get(link), other.get(link)
    browser.send(page, "Continue as ada@example.com")
    assert other.send(theirs, "Continue as ada@example.com").status == 400
    assert browser.get(link).heading == "This link no longer works"
    assert app.begin(other).heading == "Sign in"


def test_a_form_of_another_site_begins_nothing(app: App, link: str) -> None:
    browser: PlainBrowser = app.browser()
    page = browser.get(link)
    assert browser.post("/impersonate", page.forms[0].hidden | {"csrf": "forged"}).status == 403
    assert browser.get(link).heading == "Sign in as somebody else"


def test_the_trail_is_listed_and_refusals_are_said(app: App, link: str) -> None:
    user = find_user_by_email(app.server.identity, "ada@example.com")
    assert user is not None
    with app.server.client() as client:
        listed = client.get(f"/user_management/users/{user.id}/impersonations").json()["data"]
    assert [(each["impersonator"]["reason"], "url" in each) for each in listed] == [(REASON, False)]
    assert asked(app, impersonator_email="ada@example.com").status_code == 403
    assert asked(app, reason="").status_code == 422
    assert asked(app, duration_seconds=3601).status_code == 422
