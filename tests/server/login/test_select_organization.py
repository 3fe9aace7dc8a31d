"""Choosing an organization, where the person belongs to several and the app named none."""

from tests.server.login.conftest import PASSWORD, App
from tests.server.login.plain_browser import Page, PlainBrowser

GRACE = "grace@example.com"


def sign_in(app: App, email: str = GRACE, **more: str) -> tuple[PlainBrowser, Page]:
    browser = app.browser()
    page = app.begin(browser, **more)
    return browser, browser.sign_in(page, email, PASSWORD)


def test_a_member_of_several_chooses_one(app: App) -> None:
    browser, page = sign_in(app)
    assert page.heading == "Choose an organization"
    browser.send(page, "R Royal Society")
    assert app.finish(browser)["organization_id"] == "org_society"


def test_an_organization_the_app_named_is_not_asked_for(app: App) -> None:
    browser, _ = sign_in(app, organization_id="org_engines")
    assert app.finish(browser)["organization_id"] == "org_engines"


def test_somebody_signed_in_only_chooses(app: App) -> None:
    browser, page = sign_in(app)
    browser.send(page, "R Royal Society")
    page = app.begin(browser)
    assert page.heading == "Choose an organization"
    browser.send(page, "A Analytical Engines")
    assert app.finish(browser)["organization_id"] == "org_engines"


def test_a_member_of_none_is_not_asked(app: App) -> None:
    browser, _ = sign_in(app, "ada@example.com")
    assert app.finish(browser).get("organization_id") is None


def test_OG_1_an_organization_of_others_cannot_be_chosen(app: App) -> None:
    browser, page = sign_in(app)
    form = page.forms[0]
    values = form.hidden | {"organization_id": "org_of_others"}
    page = browser.post(page.url, values)
    assert page.status == 422
    assert "not a member there" in page.text


def test_an_organization_the_person_is_not_in_is_explained(app: App) -> None:
    browser, page = sign_in(app, "ada@example.com", organization_id="org_engines")
    assert page.status == 403
    assert page.heading == "You are not a member there"
    page = browser.click(page, "Use another account")
    browser.sign_in(page, GRACE, PASSWORD)
    assert app.finish(browser)["organization_id"] == "org_engines"


def test_another_account_can_be_used_instead(app: App) -> None:
    browser, page = sign_in(app)
    page = browser.click(page, "Use another account")
    browser.sign_in(page, "ada@example.com", PASSWORD)
    assert app.finish(browser)["user"]["email"] == "ada@example.com"
