import re

import pytest

from tests.clocks import Clock
from tests.server.login.conftest import PASSWORD, App
from tests.server.login.plain_browser import Page, PlainBrowser
from tests.server.people import code_in, wrong
from vestibule.server.identity import policies, users
from vestibule.server.identity.events import list_events
from vestibule.server.identity.paging import Page as Listing

ADA = "ada@example.com"


def ask(app: App, browser: PlainBrowser, email: str = ADA) -> Page:
    return browser.send(browser.identify(app.begin(browser), email), "Email me a code")


def code_for(app: App, email: str = ADA) -> str:
    return code_in(next(mail for mail in app.mails(email) if mail.kind == "magic_code"))


def test_a_code_from_the_mail_signs_in(app: App) -> None:
    browser = app.browser()
    page = ask(app, browser)
    assert (page.heading, page.url.split("?")[0]) == ("Check your mail", f"{app.server.url}/magic-code")
    (field,) = [given for form in page.forms for given in form.inputs.values()]
    assert (field["autocomplete"], field["inputmode"]) == ("one-time-code", "numeric")
    browser.send(page, "Sign in", Code=f" {code_for(app)} ")
    answer = app.finish(browser)
    assert (answer["user"]["email"], answer["authentication_method"]) == (ADA, "MagicAuth")


@pytest.mark.parametrize("write", ["{0} {1}", "{0}-{1}", " {0}\u2013{1}\u200e ", "arabic"])
def test_a_code_counts_however_it_is_written(app: App, write: str) -> None:
    browser = app.browser()
    page = ask(app, browser)
    code = code_for(app)
    arabic = "".join(chr(0x660 + int(digit)) for digit in code)
    typed = arabic if write == "arabic" else write.format(code[:3], code[3:])
    browser.send(page, "Sign in", Code=typed)
    assert app.finish(browser)["user"]["email"] == ADA


def test_another_code_is_not_offered_at_once(app: App, clock: Clock) -> None:
    browser = app.browser()
    page = ask(app, browser)
    assert 'data-wait="30"' in page.response.text
    clock.advance(seconds=20)
    assert 'data-wait="10"' in browser.get(page.url).response.text
    clock.advance(seconds=11)
    assert "data-wait" not in browser.get(page.url).response.text


def test_an_unknown_address_signs_up_with_a_code(app: App) -> None:
    browser = app.browser()
    page = ask(app, browser, "newcomer@example.com")
    browser.send(page, "Sign in", Code=code_for(app, "newcomer@example.com"))
    assert app.finish(browser)["user"]["email_verified"]


def test_EN_2_known_and_unknown_addresses_get_the_same_page(app: App) -> None:
    pages = [ask(app, app.browser(), email) for email in (ADA, "bob@example.com", "new@example.com")]
    texts = {re.sub(r"[\w.]+@example\.com", "…", page.text) for page in pages}
    assert len(texts) == 1
    assert {page.status for page in pages} == {200}


def test_EV_1_another_browser_cannot_use_the_code(app: App) -> None:
    browser, thief = app.browser(), app.browser()
    page = ask(app, browser)
    code = code_for(app)
    stolen = app.begin(thief)
    thief_page = thief.get(f"{app.server.url}/magic-code?{stolen.url.split('?')[1]}")
    assert thief_page.heading == "Sign in with a code"
    with app.server.client() as client:
        refused = app.server.authenticate(
            client, grant_type="urn:workos:oauth:grant-type:magic-auth:code", email=ADA, code=code
        )
    assert refused.json()["code"] == "invalid_one_time_code"
    browser.send(page, "Sign in", Code=code)
    assert app.finish(browser)["user"]["email"] == ADA


def test_EV_2_EV_3_late_used_and_overtaken_codes_look_alike(app: App, clock: Clock) -> None:
    browser = app.browser()
    page = ask(app, browser)
    old = code_for(app)
    clock.advance(seconds=1)
    page = browser.send(page, "Send a new code")
    assert "A new code is on its way" in page.text
    new = code_for(app)
    problems = {browser.send(page, "Sign in", Code=wrong(new)).problem("Code")}
    if old != new:
        problems.add(browser.send(page, "Sign in", Code=old).problem("Code"))
    clock.advance(minutes=11)
    problems.add(browser.send(page, "Sign in", Code=new).problem("Code"))
    assert len(problems) == 1
    assert "no longer works" in problems.pop()


def test_what_is_no_address_is_asked_again(app: App) -> None:
    browser = app.browser()
    page = app.begin(browser)
    there = page.url.replace("/sign-in", "/magic-code")
    page = browser.post(there, page.forms[0].hidden | {"action": "send", "email": "nobody"})
    assert (page.status, page.heading) == (422, "Sign in with a code")
    assert "Enter an email address" in page.problem("Email address")
    page = browser.send(page, "Send the code", Email_address=ADA)
    assert page.heading == "Check your mail"
    assert browser.send(page, "Sign in", Code="").problem("Code") == "Enter the six digits from the mail."


def test_the_fourth_mail_in_a_minute_has_to_wait(app: App) -> None:
    browser = app.browser()
    page = ask(app, browser)
    for _ in range(2):
        page = browser.send(page, "Send a new code")
    assert browser.send(page, "Send a new code").status == 429


def test_a_password_typed_before_goes_nowhere(app: App) -> None:
    browser = app.browser()
    page = browser.identify(app.begin(browser), ADA)
    (form,) = [form for form in page.forms if form.action.startswith("/magic-code")]
    assert "password" not in form.inputs | form.hidden
    page = browser.send(page, "Email me a code")
    assert page.heading == "Check your mail"
    found = list_events(app.server.identity, Listing(limit=100))
    assert not [event for event in found.data if event.event.startswith("authentication.password")]


def test_a_policy_without_codes_shows_no_button(app: App) -> None:
    policies.set_policy(app.server.identity, methods=["password"])
    browser = app.browser()
    page = app.begin(browser)
    assert "Email me a code" not in browser.identify(page, ADA).text
    there = browser.get(f"{app.server.url}/magic-code?{page.url.split('?')[1]}")
    assert there.heading == "Sign in"
    forged = browser.post(
        there.url.replace("/sign-in", "/magic-code"),
        there.forms[0].hidden
        | {
            "action": "send",
            "email": ADA,
        },
    )
    assert forged.heading == "Sign in"
    assert app.mails(ADA) == []


def test_without_a_sign_in_there_is_nothing_to_do(app: App) -> None:
    browser = app.browser()
    assert browser.get(f"{app.server.url}/magic-code").heading == "Please start in your app"


def test_a_stranger_who_signed_up_with_the_address_gains_nothing(app: App) -> None:
    thief, owner = app.browser(), app.browser()
    page = thief.click(app.begin(thief), "Create an account")
    waiting = thief.send(page, "Create account", Email_address="victim@example.com", Password=PASSWORD)
    assert waiting.heading == "Confirm your email address"
    owner.send(ask(app, owner, "victim@example.com"), "Sign in", Code=code_for(app, "victim@example.com"))
    victim = app.finish(owner)["user"]
    assert users.get_user(app.server.identity, victim["id"]).email_verified
    page = thief.sign_in(app.begin(thief), "victim@example.com", PASSWORD)
    assert "do not belong together" in page.text
