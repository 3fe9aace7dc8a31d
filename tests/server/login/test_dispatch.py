"""Where each step leads, in the cases that only happen between two windows."""

from tests.clocks import Clock
from tests.server.login.conftest import PASSWORD, App
from tests.server.people import code_in
from vestibule.server.identity.environment import update_environment
from vestibule.server.identity.logins import get_login
from vestibule.server.identity.users import delete_user, find_user_by_email, update_user

ADA = "ada@example.com"


def test_pages_of_steps_that_are_not_owed_lead_on(app: App) -> None:
    browser = app.browser()
    page = app.begin(browser)
    for path in ("/verify-email", "/select-organization"):
        assert browser.get(page.url.replace("/sign-in", path)).heading == "Sign in"
    form = page.forms[0].hidden
    for path in ("/verify-email", "/select-organization"):
        later = browser.post(page.url.replace("/sign-in", path), form | {"organization_id": "org_engines"})
        assert later.heading == "Sign in"


def test_prompt_none_for_an_organization_of_others_tells_the_app(app: App) -> None:
    browser = app.browser()
    browser.sign_in(app.begin(browser), ADA, PASSWORD)
    app.begin(browser, prompt="none", organization_id="org_engines")
    assert app.answer(browser)["error"] == "access_denied"


def test_prompt_none_never_shows_a_page(app: App) -> None:
    browser = app.browser()
    browser.sign_in(app.begin(browser), ADA, PASSWORD)
    app.begin(browser, prompt="none")
    assert app.finish(browser)["user"]["email"] == ADA


def test_an_address_proven_in_another_window_is_not_asked_for_again(app: App) -> None:
    first, second = app.browser(), app.browser()
    pages = {}
    for browser in (first, second):
        pages[browser] = browser.sign_in(app.begin(browser), "new@example.com", PASSWORD)
    code = code_in(app.mails("new@example.com")[0])
    codes = {code_in(mail) for mail in app.mails("new@example.com")}
    for each in (code, *codes):
        if not first.left_for:
            first.send(pages[first], "Confirm", Code=each)
    assert app.finish(first)["user"]["email"] == "new@example.com"
    second.send(pages[second], "Confirm", Code=code)
    assert app.finish(second)["user"]["email"] == "new@example.com"


def test_somebody_deleted_meanwhile_is_asked_who_they_are(app: App) -> None:
    browser = app.browser()
    browser.sign_in(app.begin(browser), ADA, PASSWORD)
    user = find_user_by_email(app.server.identity, ADA)
    assert user is not None
    delete_user(app.server.identity, user.id)
    assert app.begin(browser).heading == "Sign in"


def test_an_address_changed_meanwhile_has_to_be_proven(app: App) -> None:
    browser = app.browser()
    browser.sign_in(app.begin(browser), ADA, PASSWORD)
    user = find_user_by_email(app.server.identity, ADA)
    assert user is not None
    update_user(app.server.identity, user.id, changes={"email": "countess@example.com"})
    app.begin(browser, prompt="login")
    page = browser.get(app.begin(browser).url.replace("/sign-in", "/verify-email"))
    assert page.heading == "Confirm your email address"
    assert "countess@example.com" in page.text
    browser.send(page, "Confirm", Code=code_in(app.mails("countess@example.com")[0]))
    assert app.finish(browser)["user"]["email"] == "countess@example.com"


def test_the_token_of_a_sign_in_is_of_no_use_in_another_browser(app: App) -> None:
    browser, stranger = app.browser(), app.browser()
    page = app.begin(browser)
    app.begin(stranger)
    token = page.url.split("login=")[1]
    assert get_login(app.server.identity, token, stranger.cookie("vestibule-browser")) is None
    assert stranger.get(page.url).heading == "Please start in your app"


def test_an_ended_sign_in_offers_the_homepage_where_nothing_else_is_set(app: App, clock: Clock) -> None:
    update_environment(app.server.identity, app_homepage_url="http://localhost:8000/")
    browser = app.browser()
    page = app.begin(browser)
    clock.advance(seconds=3601)
    page = browser.get(page.url)
    assert page.links["Open the application"] == "http://localhost:8000/"
