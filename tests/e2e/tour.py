"""A walk past every page there is, with a stop at each: to check it, or to take its picture."""

import re
from collections.abc import Callable, Iterator

from playwright.sync_api import Page

from tests.e2e import people
from tests.e2e.people import heading
from tests.e2e.stack import Stack

NEW_PASSWORD = "nine quiet lighthouses"

Stop = Callable[[Page, str], None]


def walk(page: Page, stack: Stack, guest: str, stop: Stop) -> None:
    """`guest` is an address nobody has signed up with before."""
    _arrive(page, stack, guest, stop)
    _forget(page, stack, guest, stop)
    _belong(page, stack, guest, stop)
    _go_wrong(page, stack, stop)


def _arrive(page: Page, stack: Stack, guest: str, stop: Stop) -> None:
    page.goto(stack.server + "/dev/inbox")
    page.goto(stack.app + "/")
    stop(page, "app-home")
    people.open_sign_up(page, stack)
    stop(page, "sign-up")
    people.fill_in_sign_up(page, "mary@example", password="password1")
    page.get_by_role("button", name="Create account").click()
    page.locator("[aria-invalid]").first.wait_for()
    people.fill_in_sign_up(page, guest, password="password1")
    page.get_by_role("button", name="Create account").click()
    page.get_by_text("attackers try").wait_for()
    stop(page, "sign-up-problem")
    people.fill_in_sign_up(page, guest)
    page.get_by_role("button", name="Create account").click()
    heading(page, "Confirm your email address")
    stop(page, "verify-email")
    page.get_by_role("textbox", name="Code").fill("12345")
    page.get_by_role("button", name="Confirm").click()
    page.get_by_text("wrong or no longer works").wait_for()
    stop(page, "verify-email-problem")
    address, code = page.url, people.read_code(page, stack, guest)
    people.open_mail(page, stack, guest, "code")
    stop(page, "mail")
    page.get_by_role("link", name="All mail").click()
    stop(page, "inbox")
    page.goto(address)
    people.enter_code(page, code, "Confirm")
    heading(page, "Welcome, Mary.")
    stop(page, "app-account-new")
    for name in ("Royal Society", "Mechanism of the Heavens"):
        people.create_organization(page, name)
    people.sign_out(page)


def _forget(page: Page, stack: Stack, guest: str, stop: Stop) -> None:
    people.open_sign_in(page, stack)
    stop(page, "sign-in")
    people.identify(page, guest)
    stop(page, "password")
    people.prove(page, "not this one")
    page.get_by_role("alert").wait_for()
    stop(page, "password-problem")
    address = page.url
    page.goto(address.replace("/sign-in/password", "/magic-code"))
    heading(page, "Sign in with a code")
    stop(page, "magic-address")
    page.goto(address)
    page.get_by_role("button", name="Email me a code").click()
    heading(page, "Check your mail")
    stop(page, "magic-code")
    page.get_by_role("link", name="Use your password").click()
    page.get_by_role("link", name="Forgot password?").click()
    heading(page, "Reset your password")
    stop(page, "forgot-password")
    page.get_by_label("Email address").fill(guest)
    page.get_by_role("button", name="Send the link").click()
    heading(page, "Check your mail")
    stop(page, "check-your-mail")
    people.open_mail(page, stack, guest, "password")
    page.locator(".mail-text a[href*='/reset-password']").click()
    heading(page, "Choose a new password")
    stop(page, "reset-password")
    address = page.url
    page.get_by_label("New password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Save the new password").click()
    heading(page, "Your password is changed")
    stop(page, "password-changed")
    page.goto(address)
    heading(page, "This link no longer works")
    stop(page, "reset-link-over")


def _belong(page: Page, stack: Stack, guest: str, stop: Stop) -> None:
    people.sign_in(page, stack, guest, NEW_PASSWORD)
    heading(page, "Choose an organization")
    stop(page, "select-organization")
    page.get_by_role("button", name="Royal Society").click()
    heading(page, "Welcome, Mary.")
    page.get_by_role("link", name="GET /api/reports").click()
    page.get_by_text("Jacquard").wait_for()
    stop(page, "app-account")
    page.goto(stack.app + "/auth/sign-in?prompt=login")
    heading(page, "Sign in again")
    stop(page, "step-up")
    page.goto(stack.app + "/")
    heading(page, re.compile("Hello, Mary"))
    stop(page, "app-home-signed-in")
    people.sign_out(page)


def _go_wrong(page: Page, stack: Stack, stop: Stop) -> None:
    page.goto(stack.server + "/verify-email")
    stop(page, "error")
    page.goto(stack.server + "/user_management/authorize?client_id=client_of_others")
    stop(page, "error-authorize")
    page.goto(stack.server + "/invite?invitation_token=unknown")
    heading(page, "This invitation no longer works")
    stop(page, "invitation-over")
    page.goto(stack.server + "/no-such-page")
    stop(page, "error-not-found")


def walk_in_arabic(page: Page, stack: Stack, guest: str) -> Iterator[str]:
    """The way in, by what no language changes: the names of inputs, and the one button of each form."""
    page.goto(stack.app + "/account")
    yield "sign-in"
    page.locator("[name=email]").fill("guest")
    page.locator("form[action*='/sign-in'] [type=submit]").evaluate("button => button.form.noValidate = true")
    page.locator("form[action*='/sign-in'] [type=submit]").click()
    page.locator("[aria-invalid]").wait_for()
    page.locator("[name=email]").fill(guest)
    page.locator("form[action*='/sign-in'] [type=submit]").click()
    page.locator("[name=password]").wait_for()
    yield "password"
    page.locator("form.other [type=submit]").click()
    page.locator("[name=code]").wait_for()
    yield "magic-code"
    page.goto(stack.app + "/auth/sign-up")
    page.locator("[name=first_name]").wait_for()
    yield "sign-up"
    page.goto(stack.server + "/no-such-page")
    yield "error"
