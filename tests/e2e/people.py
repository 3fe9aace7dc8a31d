"""What people do on the pages: by the names and labels they see, as a screen reader would say them."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.stack import Stack

PASSWORD = "seven green bottles"


def heading(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def open_sign_up(page: Page, stack: Stack) -> None:
    page.goto(stack.app + "/")
    heading(page, "Hello, stranger.")
    page.get_by_role("link", name="Create an account").click()
    heading(page, "Create your account")


def fill_in_sign_up(page: Page, email: str, *, name: str = "Mary", password: str = PASSWORD) -> None:
    page.get_by_label("First name").fill(name)
    page.get_by_label("Last name").fill("Somerville")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password", exact=True).fill(password)


def read_code(page: Page, stack: Stack, email: str) -> str:
    """From the development inbox, in a tab of its own."""
    inbox = page.context.new_page()
    open_mail(inbox, stack, email, "code")
    found = re.search(r"\b(\d{6})\b", inbox.locator(".mail-text").inner_text())
    assert found is not None
    inbox.close()
    return found[1]


def open_mail(page: Page, stack: Stack, email: str, subject: str) -> None:
    """Which may be on its way yet."""
    mail = page.get_by_role("link").filter(has_text=email).filter(has_text=re.compile(subject, re.I)).first
    page.goto(stack.server + "/dev/inbox")
    for _ in range(20):
        if mail.is_visible():
            break
        page.wait_for_timeout(250)
        page.reload()
    mail.click()


def enter_code(page: Page, code: str, button: str) -> None:
    """Which goes on by itself where a script says so."""
    page.wait_for_load_state()
    field = page.get_by_role("textbox", name="Code")
    by_itself = page.get_by_text("goes on by itself").is_visible()
    field.fill(code)
    if not by_itself:
        page.get_by_role("button", name=button).click()


def sign_up(page: Page, stack: Stack, email: str) -> None:
    open_sign_up(page, stack)
    fill_in_sign_up(page, email)
    page.get_by_role("button", name="Create account").click()
    heading(page, "Confirm your email address")
    enter_code(page, read_code(page, stack, email), "Confirm")
    heading(page, "Welcome, Mary.")


def open_sign_in(page: Page, stack: Stack) -> None:
    page.goto(stack.app + "/account")
    heading(page, "Sign in")


def sign_in(page: Page, stack: Stack, email: str, password: str = PASSWORD) -> None:
    open_sign_in(page, stack)
    identify(page, email)
    prove(page, password)


def identify(page: Page, email: str) -> None:
    page.get_by_label("Email address").fill(email)
    page.get_by_role("button", name="Continue", exact=True).click()
    heading(page, "Enter your password")


def prove(page: Page, password: str = PASSWORD) -> None:
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def create_organization(page: Page, name: str) -> None:
    page.get_by_label("New organization").fill(name)
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("button", name=f"Switch to {name}")).to_be_visible()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    heading(page, "Hello, stranger.")
