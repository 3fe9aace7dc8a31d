"""Second factors on the hosted pages, by a browser that runs no script."""

import re

import pytest

from tests.clocks import Clock
from tests.server.authenticators import Authenticator, enroll
from tests.server.login.conftest import PASSWORD, App
from tests.server.login.plain_browser import Page, PlainBrowser
from vestibule.crypto.jwt import decode_unverified
from vestibule.server.identity.assurance import TWO_FACTORS
from vestibule.server.identity.context import Identity
from vestibule.server.identity.paging import Page as Limits
from vestibule.server.identity.policies import set_policy
from vestibule.server.identity.recovery_codes import create_recovery_codes
from vestibule.server.identity.resets import confirm_reset, create_reset
from vestibule.server.identity.sessions import list_sessions
from vestibule.server.identity.users import list_users

CONFIRM, SET_UP = "Confirm it is you", "Set up your authenticator app"


def user_id(identity: Identity, email: str) -> str:
    return str(list_users(identity, Limits(), email=email).data[0].id)


def enrolled(app: App, email: str = "ada@example.com") -> Authenticator:
    return enroll(app.server.identity, user_id(app.server.identity, email))


def sign_in(browser: PlainBrowser, page: Page, email: str = "ada@example.com") -> Page:
    return browser.sign_in(page, email, PASSWORD)


def set_up(app: App, browser: PlainBrowser, page: Page) -> tuple[Authenticator, Page]:
    assert page.heading == SET_UP
    key = re.search(r'class="key">([A-Z2-7 ]+)<', page.response.text)
    assert key is not None
    own = Authenticator(key[1].replace(" ", ""))
    return own, browser.send(page, "Confirm", Code=own.code(app.server.identity.now))


def test_the_code_is_asked_for_after_the_password(app: App) -> None:
    own, browser = enrolled(app), app.browser()
    page = sign_in(browser, app.begin(browser))
    assert page.heading == CONFIRM
    assert browser.left_for == ""
    wrong = browser.send(page, "Continue", Code=own.wrong(app.server.identity.now))
    assert (wrong.status, "not right" in wrong.problem("Code")) == (422, True)
    assert browser.send(page, "Continue", Code=" ").problem("Code").startswith("Enter the six digits")
    browser.send(page, "Continue", Code=own.code(app.server.identity.now))
    answer = app.finish(browser)
    session = list_sessions(app.server.identity, answer["user"]["id"], Limits()).data[0]
    assert (session.authentication_method, session.second_factor) == ("Password", "totp")


def test_what_was_shown_lasts_as_long_as_the_browser_s_session(app: App) -> None:
    own, browser = enrolled(app), app.browser()
    page = sign_in(browser, app.begin(browser))
    browser.send(page, "Continue", Code=own.code(app.server.identity.now))
    app.finish(browser)
    app.begin(browser)
    assert app.finish(browser)["user"]["email"] == "ada@example.com"


def test_a_session_from_before_is_asked_for_what_it_lacks(app: App, clock: Clock) -> None:
    browser = app.browser()
    sign_in(browser, app.begin(browser))
    app.finish(browser)
    before = browser.cookie("vestibule")
    own = enrolled(app)
    assert app.begin(browser, prompt="none").url.endswith("/continue") is False
    assert app.answer(browser)["error"] == "login_required"
    page = app.begin(browser)
    assert page.heading == CONFIRM
    browser.send(page, "Continue", Code=own.code(app.server.identity.now))
    app.finish(browser)
    assert browser.cookie("vestibule") != before, "a stronger session has a token of its own"
    thief = app.browser()
    thief.borrow_cookies(browser)
    thief._client.cookies.set("vestibule", before or "", domain="localhost.local")
    app.begin(browser)
    assert app.answer(browser)["code"]


def test_prompt_login_asks_for_both_again(app: App, clock: Clock) -> None:
    own, browser = enrolled(app), app.browser()
    page = sign_in(browser, app.begin(browser))
    browser.send(page, "Continue", Code=own.code(app.server.identity.now))
    app.finish(browser)
    clock.advance(seconds=60)
    page = sign_in(browser, app.begin(browser, prompt="login"))
    assert page.heading == CONFIRM


def test_reg_better_auth_9203_the_second_factor_of_another_account_does_not_help(
    app: App, clock: Clock
) -> None:
    own, _ = enrolled(app), enrolled(app, "grace@example.com")
    browser = app.browser()
    page = sign_in(browser, app.begin(browser))
    browser.send(page, "Continue", Code=own.code(app.server.identity.now))
    app.finish(browser)
    clock.advance(seconds=60)
    page = sign_in(browser, app.begin(browser, prompt="login"), "grace@example.com")
    page = browser.send(page, "R Royal Society")
    assert page.heading == CONFIRM
    assert "grace@example.com" in page.text
    refused = browser.send(page, "Continue", Code=own.code(app.server.identity.now))
    assert refused.status == 422


def test_reg_GHSA_xg6x_h9c9_2m83_between_the_factors_nothing_is_signed_in(app: App) -> None:
    enrolled(app)
    browser = app.browser()
    page = sign_in(browser, app.begin(browser))
    assert page.heading == CONFIRM
    assert browser.cookie("vestibule") is None
    for path in ("/continue", "/select-organization", "/passkeys/enroll", "/enroll-second-factor"):
        found = browser.get(path + "?" + page.url.partition("?")[2])
        assert found.heading == CONFIRM, path
    assert app.begin(browser).heading == "Sign in", "another sign-in knows nothing of this one"


def test_two_accounts_in_two_tabs_do_not_lend_each_other_a_factor(app: App) -> None:
    """Tab one shows a second factor after tab two signed in to another account, in the same sign-in."""
    own, _ = enrolled(app), enrolled(app, "grace@example.com")
    browser = app.browser()
    begun = app.begin(browser)
    page = sign_in(browser, begun)
    other = browser.send(sign_in(browser, begun, "grace@example.com"), "R Royal Society")
    assert other.heading == CONFIRM
    stale = browser.send(page, "Continue", Code=own.code(app.server.identity.now))
    assert stale.status == 422
    assert "grace@example.com" in stale.text
    assert browser.left_for == ""


def test_required_sets_one_up_and_shows_recovery_codes_once(app: App, clock: Clock) -> None:
    set_policy(app.server.identity, mfa="required")
    browser = app.browser()
    page = sign_in(browser, app.begin(browser))
    again = browser.get(page.url)
    assert re.findall(r'class="key">([^<]+)<', again.response.text) == re.findall(
        r'class="key">([^<]+)<', page.response.text
    )
    wrong = browser.send(page, "Confirm", Code="000000")
    assert wrong.status == 422
    own, done = set_up(app, browser, page)
    assert done.heading == "Keep your recovery codes"
    codes = re.findall(r"<li><code>([a-z2-7-]+)</code>", done.response.text)
    assert len(codes) == 10
    browser.click(done, "I have kept them")
    app.finish(browser)
    clock.advance(seconds=60)
    other = app.browser()
    page = sign_in(other, app.begin(other))
    assert page.heading == CONFIRM
    page = other.click(page, "Use a recovery code")
    assert other.send(page, "Continue", Recovery_code="aaaa-bbbb").status == 422
    other.send(page, "Continue", Recovery_code=codes[7].upper())
    assert app.finish(other)["user"]["email"] == "ada@example.com"
    assert own.secret not in done.response.text


def test_TO_3_a_set_up_that_is_not_finished_blocks_nobody(app: App) -> None:
    set_policy(app.server.identity, mfa="required")
    browser = app.browser()
    assert sign_in(browser, app.begin(browser)).heading == SET_UP
    set_policy(app.server.identity, mfa="optional")
    other = app.browser()
    sign_in(other, app.begin(other))
    assert app.finish(other)["user"]["email"] == "ada@example.com"


def test_an_app_asks_for_two_factors_and_reads_in_the_token_that_it_got_them(app: App, clock: Clock) -> None:
    set_policy(app.server.identity, mfa="off")
    browser = app.browser()
    sign_in(browser, app.begin(browser))
    assert "acr" not in decode_unverified(app.finish(browser)["access_token"])
    clock.advance(minutes=10)
    app.begin(browser, acr_values=TWO_FACTORS, prompt="none")
    assert app.answer(browser)["error"] == "login_required"
    page = app.begin(browser, acr_values=f"phr {TWO_FACTORS}")
    assert page.heading == "Sign in again", "who only finds the browser open sets up nothing"
    own, done = set_up(app, browser, browser.send(page, "Confirm", Password=PASSWORD))
    browser.click(done, "I have kept them")
    assert decode_unverified(app.finish(browser)["access_token"])["acr"] == TWO_FACTORS
    app.begin(browser, acr_values=TWO_FACTORS)
    assert decode_unverified(app.finish(browser)["access_token"])["acr"] == TWO_FACTORS, "asked once"
    clock.advance(minutes=1)
    again = app.begin(browser, acr_values=TWO_FACTORS, max_age="30")
    page = browser.send(again, "Confirm", Password=PASSWORD)
    assert page.heading == CONFIRM, "what is old was shown with the second factor, too"
    browser.send(page, "Continue", Code=own.code(app.server.identity.now))
    assert app.finish(browser)["user"]["email"] == "ada@example.com"


def test_only_the_organization_that_requires_it_asks(app: App) -> None:
    set_policy(app.server.identity, "org_society", mfa="required")
    browser = app.browser()
    page = sign_in(browser, app.begin(browser), "grace@example.com")
    browser.send(page, "A Analytical Engines")
    assert app.finish(browser)["organization_id"] == "org_engines"
    page = app.begin(browser, organization_id="org_society")
    _, done = set_up(app, browser, page)
    browser.click(done, "I have kept them")
    assert app.finish(browser)["organization_id"] == "org_society"


def test_a_method_the_organization_does_not_accept_is_told_so(app: App) -> None:
    set_policy(app.server.identity, "org_society", methods=["passkey"])
    browser = app.browser()
    page = sign_in(browser, app.begin(browser), "grace@example.com")
    refused = browser.send(page, "R Royal Society")
    assert (refused.status, refused.heading) == (403, "Sign in another way")
    assert browser.cookie("vestibule") is None


def test_RS_2_a_reset_leaves_the_second_factor_to_be_asked_for(app: App) -> None:
    own, identity = enrolled(app), app.server.identity
    reset = create_reset(identity, "ada@example.com")
    confirm_reset(identity, reset.password_reset_token, "eight brown bottles")
    browser = app.browser()
    page = browser.sign_in(app.begin(browser), "ada@example.com", "eight brown bottles")
    assert page.heading == CONFIRM
    browser.send(page, "Continue", Code=own.code(identity.now))
    assert app.finish(browser)["user"]["email"] == "ada@example.com"


def test_tries_are_limited_whichever_page_makes_them(app: App) -> None:
    own, browser = enrolled(app), app.browser()
    create_recovery_codes(app.server.identity, user_id(app.server.identity, "ada@example.com"))
    page = sign_in(browser, app.begin(browser))
    recovery = browser.click(page, "Use a recovery code")
    for _ in range(3):
        browser.send(page, "Continue", Code=own.wrong(app.server.identity.now))
    for _ in range(2):
        browser.send(recovery, "Continue", Recovery_code="aaaa-bbbb-cccc-dddd")
    stopped = browser.send(page, "Continue", Code=own.code(app.server.identity.now))
    assert stopped.status == 429
    assert int(stopped.response.headers["retry-after"]) > 0


@pytest.mark.parametrize("path", ["/second-factor", "/enroll-second-factor"])
def test_the_pages_belong_to_a_sign_in_that_owes_them(app: App, path: str) -> None:
    browser = app.browser()
    begun = app.begin(browser)
    assert browser.get(path).status == 400
    assert browser.get(f"{path}?{begun.url.partition('?')[2]}").heading == "Sign in"
