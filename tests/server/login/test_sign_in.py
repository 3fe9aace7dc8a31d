"""Signing in with a password, by a browser that runs no script."""

from tests.clocks import Clock
from tests.server.login.conftest import PASSWORD, App
from tests.server.login.plain_browser import Page, PlainBrowser
from tests.server.login.test_sign_up import headers, masked
from tests.server.people import code_in
from vestibule.server.identity.environment import update_environment


def sign_in(app: App, email: str = "ada@example.com", **more: str) -> tuple[PlainBrowser, Page]:
    browser = app.browser()
    page = app.begin(browser, **more)
    return browser, browser.sign_in(page, email, PASSWORD)


def test_the_app_gets_a_code_and_its_state_back_byte_for_byte(app: App) -> None:
    browser, _ = sign_in(app)
    answer = app.finish(browser)
    assert answer["user"]["email"] == "ada@example.com"
    assert answer["authentication_method"] == "Password"


def test_the_page_leads_back_to_the_app_and_nowhere_else(app: App) -> None:
    page = app.begin(app.browser())
    policy = page.response.headers["content-security-policy"]
    assert "form-action 'self' http://localhost:*;" in policy
    assert "; script-src 'nonce-" in policy
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert page.response.headers["cache-control"] == "no-store"
    assert page.response.headers["referrer-policy"] == "no-referrer"


def test_what_was_wrong_is_said_and_what_was_typed_is_kept(app: App) -> None:
    browser = app.browser()
    page = browser.sign_in(app.begin(browser), "ada@example.com", "wrong")
    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert "do not belong together" in page.text
    assert page.value("Email address") == "ada@example.com"
    assert page.value("Password") == ""


def test_blanks_are_named_at_their_inputs(app: App) -> None:
    browser = app.browser()
    page = browser.identify(app.begin(browser), " ")
    assert page.problem("Email address") == "Enter your email address."
    page = browser.identify(page, "nobody")
    assert page.problem("Email address") == "Enter an email address, like name@example.com."
    page = browser.sign_in(page, "ada@example.com", "")
    assert page.problem("Password") == "Enter your password."


def test_an_address_and_a_password_in_one_form_are_enough(app: App) -> None:
    """Which programs send that knew the page when it was one."""
    browser = app.browser()
    page = app.begin(browser)
    typed = page.forms[0].hidden | {"email": "ada@example.com", "password": "wrong"}
    refused = browser.post(page.url, typed)
    assert (refused.status, refused.heading) == (422, "Enter your password")
    browser.post(page.url, typed | {"password": PASSWORD})
    assert app.finish(browser)["user"]["email"] == "ada@example.com"


def test_the_password_belongs_to_the_address_on_its_own_page(app: App) -> None:
    """Whatever another tab of the same sign-in has typed since."""
    browser = app.browser()
    page = app.begin(browser)
    mine = browser.identify(page, "ada@example.com")
    browser.identify(page, "grace@example.com")
    browser.send(mine, "Sign in", Password=PASSWORD)
    assert app.finish(browser)["user"]["email"] == "ada@example.com"


def test_the_address_can_be_changed_on_the_way(app: App) -> None:
    browser = app.browser()
    page = browser.identify(app.begin(browser), "nobody@example.com")
    assert (page.heading, page.value("Email address")) == ("Enter your password", "nobody@example.com")
    page = browser.click(page, "Use another account")
    assert page.value("Email address") == "nobody@example.com"
    browser.sign_in(page, "ada@example.com", PASSWORD)
    assert app.finish(browser)["user"]["email"] == "ada@example.com"


def test_a_hint_fills_in_the_address(app: App) -> None:
    page = app.begin(app.browser(), login_hint="ada@example.com")
    assert page.value("Email address") == "ada@example.com"


def test_the_second_sign_in_of_a_browser_asks_nothing(app: App) -> None:
    browser, _ = sign_in(app)
    app.begin(browser)
    assert app.finish(browser)["user"]["email"] == "ada@example.com"


def test_prompt_login_asks_again(app: App) -> None:
    browser, _ = sign_in(app)
    page = app.begin(browser, prompt="login")
    assert page.heading == "Sign in again"
    assert "confirm it is you" in page.text
    assert page.value("Signed in as") == "ada@example.com"
    assert browser.send(page, "Confirm", Password="").problem("Password") == "Enter your password."
    wrong = browser.send(page, "Confirm", Password="wrong")
    assert (wrong.status, wrong.heading) == (422, "Sign in again")
    browser.send(wrong, "Confirm", Password=PASSWORD)
    assert app.finish(browser)["user"]["email"] == "ada@example.com"


def test_whoever_is_asked_again_is_offered_the_ways_they_have(app: App) -> None:
    browser, _ = sign_in(app)
    page = app.begin(browser, prompt="login")
    assert "Use your passkey" not in page.text
    code = browser.send(page, "Email me a code")
    assert code.heading == "Check your mail"
    assert "ada@example.com" in code.text


def test_an_app_that_means_somebody_else_gets_somebody_else(app: App) -> None:
    browser, _ = sign_in(app)
    page = app.begin(browser, prompt="login", login_hint="grace@example.com")
    assert (page.heading, page.value("Email address")) == ("Sign in", "grace@example.com")
    assert app.begin(browser, prompt="login", login_hint="ADA@example.com").heading == "Sign in again"


def test_the_page_that_asks_again_is_for_nobody_else(app: App) -> None:
    browser = app.browser()
    page = app.begin(browser)
    there = page.url.replace("/sign-in", "/step-up")
    assert browser.get(there).heading == "Sign in"
    typed = page.forms[0].hidden | {"email": "ada@example.com", "password": PASSWORD}
    assert browser.post(there, typed).heading == "Sign in"


def test_max_age_asks_again_once_the_sign_in_is_too_old(app: App, clock: Clock) -> None:
    browser, _ = sign_in(app)
    clock.advance(seconds=59)
    app.begin(browser, max_age="60")
    assert app.answer(browser)["code"]
    clock.advance(seconds=2)
    page = app.begin(browser, max_age="60")
    assert page.heading == "Sign in again"
    assert "signed in for a while" in page.text
    assert app.begin(browser, max_age="0").heading == "Sign in again"


def test_prompt_none_tells_the_app_that_somebody_must_sign_in(app: App) -> None:
    browser = app.browser()
    app.begin(browser, prompt="none")
    assert app.answer(browser)["error"] == "login_required"


def test_another_account_can_be_chosen_while_one_is_signed_in(app: App) -> None:
    browser, _ = sign_in(app, "ada@example.com")
    page = app.begin(browser, prompt="select_account")
    browser.sign_in(page, "new@example.com", "nope")
    page = app.begin(browser, prompt="login")
    page = browser.sign_in(page, "grace@example.com", PASSWORD)
    assert page.heading == "Choose an organization"
    assert "grace@example.com" in page.text


def test_a_double_click_signs_in_once_and_traps_nobody(app: App) -> None:
    browser = app.browser()
    page = browser.identify(app.begin(browser), "ada@example.com")
    first = browser.send(page, "Sign in", Password=PASSWORD)
    assert first.status == 303
    browser.send(page, "Sign in", Password=PASSWORD)
    assert app.finish(browser)["user"]["email"] == "ada@example.com"


def test_going_back_at_once_finishes_again_without_asking(app: App) -> None:
    browser = app.browser()
    page = app.begin(browser)
    browser.sign_in(page, "ada@example.com", PASSWORD)
    browser.get(page.url)
    assert app.finish(browser)["user"]["email"] == "ada@example.com"


def test_going_back_after_a_while_begins_again_at_the_app(app: App, clock: Clock) -> None:
    update_environment(app.server.identity, initiate_login_url="http://localhost:8000/auth/sign-in")
    browser = app.browser()
    page = app.begin(browser)
    browser.sign_in(page, "ada@example.com", PASSWORD)
    clock.advance(seconds=61)
    browser.get(page.url)
    assert browser.left_for == "http://localhost:8000/auth/sign-in"


def test_an_expired_page_sends_back_to_the_app_even_after_typing(app: App, clock: Clock) -> None:
    update_environment(app.server.identity, initiate_login_url="http://localhost:8000/auth/sign-in")
    browser = app.browser()
    page = app.begin(browser)
    clock.advance(seconds=3601)
    browser.identify(page, "ada@example.com")
    assert browser.left_for == "http://localhost:8000/auth/sign-in"


def test_a_bookmark_explains_itself_where_no_address_to_begin_at_is_set(app: App) -> None:
    page = app.browser().get("/sign-in")
    assert page.status == 400
    assert page.heading == "Please start in your app"
    assert "login_not_started" in page.text


def test_a_browser_that_keeps_no_cookies_is_told_so_and_not_sent_in_circles(app: App) -> None:
    update_environment(app.server.identity, initiate_login_url="http://localhost:8000/auth/sign-in")
    browser = app.browser()
    page = app.begin(browser)
    browser.drop_cookies("vestibule-browser")
    assert browser.get(page.url).heading == "Your browser sent no cookie"
    browser.drop_cookies("vestibule-browser")
    page = browser.identify(page, "ada@example.com")
    assert page.heading == "Your browser sent no cookie"


def test_an_unverified_person_enters_the_code_after_the_password(app: App) -> None:
    browser, page = sign_in(app, "new@example.com")
    assert page.heading == "Confirm your email address"
    code = app.mails("new@example.com")[0].text.split("Your code is: ")[1][:6]
    browser.send(page, "Confirm", Code=f" {code} ")
    assert app.finish(browser)["user"]["email_verified"] is True


def test_RL_1_strangers_who_use_up_the_tries_do_not_lock_out_the_owner(app: App) -> None:
    owner, _ = sign_in(app)
    stranger = app.browser()
    page = app.begin(stranger)
    for _ in range(11):
        page = stranger.sign_in(app.begin(stranger), "ada@example.com", "wrong")
    assert page.status == 429
    owner.sign_in(app.begin(owner, prompt="login"), "ada@example.com", PASSWORD)
    assert app.finish(owner)["user"]["email"] == "ada@example.com"


def test_too_many_tries_are_refused_with_a_time_to_wait(app: App) -> None:
    browser = app.browser()
    page = app.begin(browser)
    for _ in range(10):
        browser.sign_in(page, "ada@example.com", "wrong")
    page = browser.sign_in(page, "ada@example.com", "wrong")
    assert page.status == 429
    assert 0 < int(page.response.headers["retry-after"]) <= 60
    assert page.heading == "Too many tries"


def test_this_browser_remembers_who_and_how_until_somebody_signs_out(app: App) -> None:
    browser, _ = sign_in(app)
    page = app.begin(browser, prompt="select_account")
    assert page.value("Email address") == "ada@example.com"
    assert "Last used" not in page.text
    browser.send(browser.get("/sign-out"), "Sign out")
    assert app.begin(browser).value("Email address") == ""
    assert app.begin(app.browser()).value("Email address") == ""


def test_whoever_came_by_a_mailed_code_last_time_gets_one_at_once(app: App, clock: Clock) -> None:
    browser = app.browser()
    page = browser.send(browser.identify(app.begin(browser), "ada@example.com"), "Email me a code")
    browser.send(page, "Sign in", Code=code_in(app.mails("ada@example.com")[0]))
    app.finish(browser)
    page = browser.identify(app.begin(browser, prompt="select_account"), "ada@example.com")
    assert page.heading == "Check your mail"
    clock.advance(seconds=61)
    page = browser.click(page, "Use your password")
    assert "Email me a code instead Last used" in page.text
    other = browser.identify(app.begin(browser, prompt="select_account"), "grace@example.com")
    assert other.heading == "Enter your password"
    browser.send(page, "Sign in", Password=PASSWORD)
    assert app.finish(browser)["authentication_method"] == "Password"


def test_EN_1_the_page_after_the_address_is_the_same_for_everybody(app: App) -> None:
    seen = []
    for email in ("ada@example.com", "nobody@example.com", "new@example.com"):
        browser = app.browser()
        page = browser.identify(app.begin(browser), email)
        seen.append((page.status, masked(page).replace(email, "an-address"), headers(page), browser.trail))
    assert seen[0] == seen[1] == seen[2]
