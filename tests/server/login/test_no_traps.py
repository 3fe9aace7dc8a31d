"""Back, reload, a double click, a second tab, an hour's absence: at every step there is a way to the app."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from tests.clocks import Clock
from tests.server.authenticators import Authenticator, enroll
from tests.server.login.conftest import PASSWORD, App
from tests.server.login.plain_browser import Page, PlainBrowser
from tests.server.people import code_in
from vestibule.server.identity.environment import update_environment
from vestibule.server.identity.policies import set_policy
from vestibule.server.identity.users import find_user_by_email

BEGIN = "http://localhost:8000/auth/sign-in"
NEW = "mary@example.com"


@dataclass
class Walk:
    """Somebody in front of a step, and what they do there."""

    app: App
    browser: PlainBrowser
    factor: Authenticator | None = None

    def typed(self, email: str) -> Page:
        return self.browser.identify(self.app.begin(self.browser), email)

    def code(self, email: str, kind: str) -> str:
        return next(code_in(mail) for mail in self.app.mails(email) if mail.kind == kind)


def at_sign_in(walk: Walk) -> Page:
    return walk.app.begin(walk.browser)


def at_password(walk: Walk) -> Page:
    return walk.typed("ada@example.com")


def at_magic_code(walk: Walk) -> Page:
    return walk.browser.send(walk.typed("ada@example.com"), "Email me a code")


def at_step_up(walk: Walk) -> Page:
    walk.browser.send(walk.typed("ada@example.com"), "Sign in", Password=PASSWORD)
    return walk.app.begin(walk.browser, prompt="login")


def at_sign_up(walk: Walk) -> Page:
    return walk.app.begin(walk.browser, screen_hint="sign-up")


def at_verify_email(walk: Walk) -> Page:
    return walk.browser.send(at_sign_up(walk), "Create", Email_address=NEW, Password=PASSWORD)


def at_second_factor(walk: Walk) -> Page:
    user = find_user_by_email(walk.app.server.identity, "ada@example.com")
    assert user is not None
    walk.factor = enroll(walk.app.server.identity, user.id)
    return walk.browser.send(walk.typed("ada@example.com"), "Sign in", Password=PASSWORD)


def at_organization(walk: Walk) -> Page:
    return walk.browser.send(walk.typed("grace@example.com"), "Sign in", Password=PASSWORD)


def at_passkey(walk: Walk) -> Page:
    set_policy(walk.app.server.identity, passkey_enrollment="offer")
    return walk.browser.send(walk.typed("ada@example.com"), "Sign in", Password=PASSWORD)


def identify(walk: Walk, page: Page) -> Page:
    return walk.browser.sign_in(page, "ada@example.com", PASSWORD)


def password(walk: Walk, page: Page) -> Page:
    return walk.browser.send(page, "Sign in", Password=PASSWORD)


def magic_code(walk: Walk, page: Page) -> Page:
    return walk.browser.send(page, "Sign in", Code=walk.code("ada@example.com", "magic_code"))


def confirm(walk: Walk, page: Page) -> Page:
    return walk.browser.send(page, "Confirm", Password=PASSWORD)


def sign_up(walk: Walk, page: Page) -> Page:
    page = walk.browser.send(page, "Create", Email_address=NEW, Password=PASSWORD)
    return verify_email(walk, page)


def verify_email(walk: Walk, page: Page) -> Page:
    return walk.browser.send(page, "Confirm", Code=walk.code(NEW, "verify_email"))


def second_factor(walk: Walk, page: Page) -> Page:
    assert walk.factor is not None
    return walk.browser.send(page, "Continue", Code=walk.factor.code(walk.app.server.identity.now))


def organization(walk: Walk, page: Page) -> Page:
    return walk.browser.send(page, "R Royal Society")


def later(walk: Walk, page: Page) -> Page:
    return walk.browser.send(page, "Not now")


STEPS = {
    "/sign-in": (at_sign_in, identify),
    "/sign-in/password": (at_password, password),
    "/magic-code": (at_magic_code, magic_code),
    "/step-up": (at_step_up, confirm),
    "/sign-up": (at_sign_up, sign_up),
    "/verify-email": (at_verify_email, verify_email),
    "/second-factor": (at_second_factor, second_factor),
    "/select-organization": (at_organization, organization),
    "/passkeys/enroll": (at_passkey, later),
}
Do = Callable[[Walk, Page], Page]


@pytest.fixture
def walk(app: App) -> Walk:
    update_environment(app.server.identity, initiate_login_url=BEGIN)
    return Walk(app, app.browser())


@pytest.mark.parametrize("path", STEPS)
def test_a_reload_a_second_tab_and_a_refused_form_lead_to_the_step_again(walk: Walk, path: str) -> None:
    begin, go_on = STEPS[path]
    page = begin(walk)
    assert urlsplit(page.url).path == path
    refused = walk.browser.post(page.url, {"csrf": "made up"})
    assert (refused.status, refused.heading) == (403, "This form could not be trusted")
    assert walk.browser.click(refused, "Back to the sign-in").heading == page.heading
    again = walk.browser.get(page.url)
    assert (again.status, again.heading) == (200, page.heading)
    due = walk.browser.get(page.url.replace(path, "/continue"))
    assert due.heading == page.heading
    go_on(walk, again)
    assert walk.app.finish(walk.browser)["user"]


@pytest.mark.parametrize("path", STEPS)
def test_going_back_and_sending_the_form_again_leads_to_the_app_or_to_a_page_that_does(
    walk: Walk, path: str
) -> None:
    begin, go_on = STEPS[path]
    page = begin(walk)
    go_on(walk, page)
    assert walk.browser.left_for
    form = next(each for each in page.forms if urlsplit(each.action).path == path)
    typed = form.hidden | {name: given.get("value", "") for name, given in form.inputs.items()}
    twice = walk.browser.post(page.url, typed)
    assert walk.browser.left_for or twice.forms or twice.links, twice.text
    back = walk.browser.get(page.url)
    assert walk.browser.left_for or back.forms or back.links, back.text


@pytest.mark.parametrize("path", STEPS)
def test_a_step_that_has_expired_leads_to_where_the_app_begins(walk: Walk, clock: Clock, path: str) -> None:
    begin, _ = STEPS[path]
    page = begin(walk)
    form = next(each for each in page.forms if urlsplit(each.action).path == path)
    clock.advance(seconds=3601)
    walk.browser.post(page.url, form.hidden)
    assert walk.browser.left_for == BEGIN
    walk.browser.get(page.url)
    assert walk.browser.left_for == BEGIN


def test_two_tabs_of_one_browser_both_arrive(walk: Walk) -> None:
    other = walk.app.browser()
    here = walk.app.begin(walk.browser)
    other.borrow_cookies(walk.browser)
    there = walk.app.begin(other)
    walk.browser.sign_in(here, "ada@example.com", PASSWORD)
    assert walk.app.finish(walk.browser)["user"]["email"] == "ada@example.com"
    other.borrow_cookies(walk.browser)
    other.sign_in(there, "ada@example.com", PASSWORD)
    assert walk.app.finish(other)["user"]["email"] == "ada@example.com"


def test_whoever_must_wait_can_go_back_to_the_step(walk: Walk) -> None:
    page = at_password(walk)
    for _ in range(11):
        page = walk.browser.sign_in(page, "ada@example.com", "wrong") if page.status != 429 else page
    assert page.heading == "Too many tries"
    assert walk.browser.click(page, "Back to the sign-in").heading == "Enter your password"
