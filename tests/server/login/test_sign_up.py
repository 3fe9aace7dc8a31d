"""New accounts: made, proven by the code from the mail, and never a way to find out who has one."""

import re
from concurrent.futures import ThreadPoolExecutor

from tests.clocks import Clock
from tests.server.login.conftest import PASSWORD, App
from tests.server.login.plain_browser import Page, PlainBrowser
from tests.server.people import code_in, wrong

NEW = "mary@example.com"
SOMEBODY_S = "ada@example.com"


def fill_in(app: App, email: str = NEW, password: str = "four purple umbrellas") -> tuple[PlainBrowser, Page]:
    browser = app.browser()
    page = app.begin(browser, screen_hint="sign-up")
    assert page.heading == "Create your account"
    return browser, browser.send(
        page, "Create", First_name="Mary", Last_name="Somerville", Email_address=email, Password=password
    )


def test_a_newcomer_signs_up_confirms_and_reaches_the_app(app: App) -> None:
    browser, page = fill_in(app)
    assert page.heading == "Confirm your email address"
    assert NEW in page.text
    browser.send(page, "Confirm", Code=code_in(app.mails(NEW)[0]))
    user = app.finish(browser)["user"]
    assert (user["email"], user["first_name"], user["email_verified"]) == (NEW, "Mary", True)


def test_a_wrong_code_can_be_tried_again(app: App) -> None:
    browser, page = fill_in(app)
    code = code_in(app.mails(NEW)[0])
    page = browser.send(page, "Confirm", Code=wrong(code))
    assert page.status == 422
    assert "wrong or no longer works" in page.problem("Code")
    browser.send(page, "Confirm", Code=code)
    assert app.finish(browser)["user"]["email"] == NEW


def test_a_new_code_kills_the_old_one(app: App, clock: Clock) -> None:
    browser, page = fill_in(app)
    clock.advance(seconds=1)
    first = code_in(app.mails(NEW)[0])
    page = browser.send(page, "Send a new code")
    assert "A new code is on its way" in page.text
    second = code_in(app.mails(NEW)[0])
    page = browser.send(page, "Confirm", Code=first)
    if first != second:
        assert page.status == 422
        browser.send(page, "Confirm", Code=second)
    assert app.finish(browser)["user"]["email"] == NEW


def test_EV_1_a_code_is_of_no_use_in_another_browser(app: App) -> None:
    _, page = fill_in(app)
    stranger = app.browser()
    app.begin(stranger)
    page = stranger.get(page.url)
    assert page.heading == "Please start in your app"


def test_EV_2_a_code_dies_with_time(app: App, clock: Clock) -> None:
    browser, page = fill_in(app)
    clock.advance(seconds=601)
    page = browser.send(page, "Confirm", Code=code_in(app.mails(NEW)[0]))
    assert "wrong or no longer works" in page.problem("Code")


def test_a_double_click_on_sign_up_still_leads_to_the_code(app: App) -> None:
    browser = app.browser()
    form = app.begin(browser, screen_hint="sign-up")
    typed = {"Email_address": NEW, "Password": "four purple umbrellas"}
    browser.send(form, "Create", **typed)
    page = browser.send(form, "Create", **typed)
    assert page.heading == "Confirm your email address"
    code = next(code_in(mail) for mail in app.mails(NEW) if mail.kind == "verify_email")
    browser.send(page, "Confirm", Code=code)
    assert app.finish(browser)["user"]["email"] == NEW


def test_two_forms_at_once_make_one_account_whose_code_works(app: App) -> None:
    browser = app.browser()
    form = app.begin(browser, screen_hint="sign-up")
    values = form.forms[0].hidden | {"email": NEW, "password": "four purple umbrellas"}
    twins = [app.browser() for _ in range(4)]
    for twin in twins:
        twin.borrow_cookies(browser)
    with ThreadPoolExecutor(4) as threads:
        pages = list(threads.map(lambda twin: twin.post(form.url, values), twins))
    assert {page.status for page in pages} == {200}
    code = next(code_in(mail) for mail in app.mails(NEW) if mail.kind == "verify_email")
    browser.send(browser.get(pages[0].url), "Confirm", Code=code)
    assert app.finish(browser)["user"]["email"] == NEW


def test_an_address_corrected_after_a_refusal_answers_alike(app: App) -> None:
    for email in (NEW, SOMEBODY_S):
        browser, page = fill_in(app, email, password="short")
        page = browser.send(page, "Create", Password="four purple umbrellas")
        assert page.heading == "Confirm your email address"


def test_whoever_left_before_the_code_gets_it_at_the_next_sign_in(app: App, clock: Clock) -> None:
    fill_in(app)
    clock.advance(seconds=1)
    browser = app.browser()
    page = app.begin(browser)
    page = browser.sign_in(page, NEW, "four purple umbrellas")
    assert page.heading == "Confirm your email address"
    browser.send(page, "Confirm", Code=code_in(app.mails(NEW)[0]))
    assert app.finish(browser)["user"]["email"] == NEW


def test_problems_are_named_at_their_inputs_and_the_rest_is_kept(app: App) -> None:
    _, page = fill_in(app, email="mary@example", password="short")
    assert page.status == 422
    assert page.value("First name") == "Mary"
    assert "name@example.com" in page.problem("Email address")
    _, page = fill_in(app, password="short")
    assert "at least 8 characters" in page.problem("Password")
    _, page = fill_in(app, password="password1")
    assert "attackers try" in page.problem("Password")


def test_HI_1_a_line_break_in_an_address_or_a_name_is_refused(app: App) -> None:
    browser = app.browser()
    page = app.begin(browser, screen_hint="sign-up")
    typed = {"Email_address": NEW, "Password": "four purple umbrellas"}
    bad = browser.send(page, "Create", **typed | {"Email_address": "a@example.com\r\nBcc: b@example.com"})
    assert bad.status == 422
    browser.send(page, "Create", **typed, First_name="Mary\r\nBcc: b@example.com")
    for mail in app.mails(NEW):
        assert "\n" not in mail.subject + mail.recipient
        assert "\nBcc:" not in mail.text


def test_the_link_in_the_mail_says_where_the_code_goes(app: App) -> None:
    page = app.browser().get("/verify-email")
    assert page.heading == "Enter the code where you began"


def masked(page: Page) -> str:
    """The bytes of a page without what is random in each: the login, the CSRF token, the script's nonce."""
    text = re.sub(r"(login=|value=\")[A-Za-z0-9_-]{43}", r"\1…", page.response.text)
    text = re.sub(r'nonce="[^"]+"', "", text)
    text = text.replace(SOMEBODY_S, "an-address").replace(NEW, "an-address")
    return re.sub(r"req_[0-9A-Z]{26}", "req_…", text)


def headers(page: Page) -> dict[str, str]:
    dropped = {"date", "x-request-id", "set-cookie", "content-length"}
    found = {name: value for name, value in page.response.headers.items() if name not in dropped}
    policy = re.sub(r"'nonce-[^']+'", "'nonce-…'", found["content-security-policy"])
    return found | {"content-security-policy": policy}


def test_EN_2_sign_up_answers_alike_whether_or_not_there_is_an_account(app: App) -> None:
    trails, pages = [], []
    for email in (NEW, SOMEBODY_S):
        browser, page = fill_in(app, email)
        seen = [page, browser.send(page, "Confirm", Code="000000")]
        seen += [browser.send(page, "Send a new code")]
        seen += [browser.send(page, "Confirm", Code="\uff10\uff10\uff10\uff10\uff10\uff11") for _ in range(2)]
        seen += [browser.send(page, "Confirm", Code=f"00000{digit}") for digit in range(6)]
        trails.append(browser.trail)
        pages.append(seen)
    assert trails[0] == trails[1]
    for new, known in zip(*pages, strict=True):
        assert new.status == known.status
        assert masked(new) == masked(known)
        assert headers(new) == headers(known)
    assert [mail.kind for mail in app.mails(SOMEBODY_S)] == ["already_registered", "already_registered"]
    assert [mail.kind for mail in app.mails(NEW)] == ["verify_email", "verify_email"]


def test_EN_1_sign_in_answers_alike_whoever_it_is(app: App) -> None:
    seen = []
    for email in ("ada@example.com", "nobody@example.com", "new@example.com"):
        browser = app.browser()
        page = app.begin(browser)
        page = browser.sign_in(page, email, PASSWORD + "?")
        seen.append((page.status, masked(page).replace(email, "an-address"), headers(page)))
    assert seen[0] == seen[1] == seen[2]
