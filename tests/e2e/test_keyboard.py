"""The whole way in by keyboard alone: all can be reached, is seen when reached, and in a sensible order."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import people
from tests.e2e.conftest import Visits
from tests.e2e.people import heading
from tests.e2e.stack import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

FOCUSED = """() => {
    const element = document.activeElement, style = getComputedStyle(element);
    const label = element.labels?.[0]?.innerText ?? element.innerText;
    const visible = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    return [label.split('\\n')[0].trim(), visible];
}"""


def test_a_newcomer_needs_no_mouse(stack: Stack, visits: Visits) -> None:
    with visits.page() as page:
        page.goto(stack.app + "/")
        press_until(page, "Create an account")
        page.keyboard.press("Enter")
        heading(page, "Create your account")
        expect(page.get_by_label("First name")).to_be_focused()
        for text in ("Maria", "Mitchell", "maria@example.com", people.PASSWORD):
            page.keyboard.type(text)
            page.keyboard.press("Tab")
        press_until(page, "Create account")
        page.keyboard.press("Enter")
        heading(page, "Confirm your email address")
        code = people.read_code(page, stack, "maria@example.com")
        page.bring_to_front()
        expect(page.get_by_label("Code")).to_be_focused()
        page.keyboard.type(code)
        heading(page, "Welcome, Maria.")
        press_until(page, "Sign out")
        page.keyboard.press("Enter")
        heading(page, "Hello, stranger.")


def test_every_stop_on_the_sign_in_page_is_visible_and_in_order(stack: Stack, visits: Visits) -> None:
    with visits.page() as page:
        people.open_sign_in(page, stack)
        expect(page.get_by_label("Email address")).to_be_focused()
        order = [focus(page)]
        for _ in range(3):
            page.keyboard.press("Tab")
            order.append(focus(page))
        assert order == ["Email address", "Continue", "Sign in with a passkey", "Create an account"]
        people.identify(page, "ada@example.com")
        expect(page.get_by_label("Password", exact=True)).to_be_focused()
        for name in ("Forgot password?", "Sign in", "Email me a code instead", "Use your passkey"):
            press_until(page, name)


def focus(page: Page) -> str:
    """The name of what has the focus, which must be seen to have it."""
    name, visible = page.evaluate(FOCUSED)
    assert visible, f"nothing shows that {name!r} has the focus"
    return str(name)


def press_until(page: Page, name: str) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if focus(page) == name:
            return
    raise AssertionError(f"{name!r} cannot be reached with the Tab key")
