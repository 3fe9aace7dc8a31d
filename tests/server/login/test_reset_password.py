"""A forgotten password: asked for alike by everybody, changed once, and everyone is signed out."""

from tests.clocks import Clock
from tests.server.login.conftest import PASSWORD, App
from tests.server.login.plain_browser import Page, PlainBrowser
from tests.server.login.test_sign_up import headers, masked
from tests.server.people import token_in
from vestibule.server.identity.environment import update_environment

ADA = "ada@example.com"
BETTER = "nine quiet lighthouses"


def ask(app: App, email: str = ADA) -> tuple[PlainBrowser, Page]:
    browser = app.browser()
    page = browser.click(browser.identify(app.begin(browser), "somebody@example.com"), "Forgot password?")
    assert page.heading == "Reset your password"
    return browser, browser.send(page, "Send the link", Email_address=email)


def link_for(app: App, email: str = ADA) -> str:
    return f"/reset-password?token={token_in(app.mails(email)[0])}"


def test_the_link_changes_the_password_and_the_new_one_signs_in(app: App) -> None:
    _, page = ask(app)
    assert page.heading == "Check your mail"
    browser = app.browser()
    page = browser.get(link_for(app))
    assert page.heading == "Choose a new password"
    assert page.value("Email address") == ADA
    page = browser.send(page, "Save", New_password=BETTER)
    assert page.heading == "Your password is changed"
    page = app.begin(browser)
    page = browser.sign_in(page, ADA, PASSWORD)
    assert page.status == 422
    browser.sign_in(page, ADA, BETTER)
    assert app.finish(browser)["user"]["email"] == ADA


def test_everybody_signed_in_before_is_out(app: App) -> None:
    signed_in = app.browser()
    signed_in.sign_in(app.begin(signed_in), ADA, PASSWORD)
    refresh_token = app.finish(signed_in)["refresh_token"]
    ask(app)
    browser = app.browser()
    browser.send(browser.get(link_for(app)), "Save", New_password=BETTER)
    assert app.begin(signed_in).heading == "Sign in"
    with app.server.client() as client:
        answer = app.server.authenticate(client, grant_type="refresh_token", refresh_token=refresh_token)
    assert answer.json()["error"] == "invalid_grant"


def test_the_way_on_is_the_app_s_own_sign_in(app: App) -> None:
    update_environment(app.server.identity, initiate_login_url="http://localhost:8000/auth/sign-in")
    ask(app)
    browser = app.browser()
    page = browser.send(browser.get(link_for(app)), "Save", New_password=BETTER)
    assert page.links["Continue to sign in"] == "http://localhost:8000/auth/sign-in"


def test_a_weak_password_is_explained_and_the_link_still_works(app: App) -> None:
    ask(app)
    browser = app.browser()
    page = browser.send(browser.get(link_for(app)), "Save", New_password="12345678")
    assert page.status == 422
    assert "attackers try" in page.problem("New password")
    page = browser.send(page, "Save", New_password=BETTER)
    assert page.heading == "Your password is changed"


def test_RS_1_a_link_works_once_for_a_short_time(app: App, clock: Clock) -> None:
    ask(app)
    link, browser = link_for(app), app.browser()
    form = browser.get(link)
    browser.send(form, "Save", New_password=BETTER)
    assert browser.send(form, "Save", New_password=BETTER + "?").heading == "This link no longer works"
    assert browser.get(link).heading == "This link no longer works"
    clock.advance(seconds=61)
    ask(app)
    link = link_for(app)
    clock.advance(seconds=901)
    assert browser.get(link).heading == "This link no longer works"
    assert browser.get("/reset-password").heading == "This link no longer works"


def test_RS_3_only_the_newest_link_works(app: App, clock: Clock) -> None:
    ask(app)
    older = link_for(app)
    clock.advance(seconds=1)
    ask(app)
    newer, browser = link_for(app), app.browser()
    assert browser.get(older).heading == "This link no longer works"
    assert browser.get(newer).heading == "Choose a new password"


def test_EN_2_asking_for_a_link_says_nothing_about_accounts(app: App) -> None:
    known_browser, known = ask(app, ADA)
    unknown_browser, unknown = ask(app, "mary@example.com")
    assert masked(known) == masked(unknown)
    assert headers(known) == headers(unknown)
    assert known_browser.trail == unknown_browser.trail
    assert app.mails("mary@example.com") == []


def test_the_fourth_link_within_a_minute_has_to_wait(app: App) -> None:
    for _ in range(3):
        ask(app)
    _, page = ask(app)
    assert page.status == 429
    assert page.response.headers["retry-after"]


def test_what_is_no_address_is_refused(app: App) -> None:
    _, page = ask(app, "nonsense")
    assert page.problem("Email address").startswith("Enter an email address")


def test_the_token_leaks_to_nobody(app: App) -> None:
    ask(app)
    page = app.browser().get(link_for(app))
    assert page.response.headers["referrer-policy"] == "no-referrer"
    assert all("token=" not in link for link in page.links.values())
    assert "token=" not in page.forms[0].action


def test_the_page_also_works_without_a_sign_in_under_way(app: App) -> None:
    browser = app.browser()
    page = browser.get("/forgot-password")
    page = browser.send(page, "Send the link", Email_address=ADA)
    assert page.heading == "Check your mail"
    assert app.mails(ADA)[0].kind == "reset_password"
