"""The pages in Arabic, which runs the other way, and in German, which is long, on the smallest phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import Visits
from tests.e2e.stack import Stack
from tests.e2e.test_every_page import axe_problems, layout_problems, take_picture

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

EMAIL = "ada@example.com"
ACCOUNT = ("security", "sessions", "organizations", "api-keys", "data")


@pytest.mark.parametrize("tag", ["ar", "de"])
def test_every_language_fits_a_phone(stack: Stack, visits: Visits, tag: str) -> None:
    problems: list[str] = []
    names: list[str] = []

    def stop(name: str) -> None:
        names.append(name)
        problems.extend(f"{name}: {each}" for each in [*axe_problems(page), *layout_problems(page)])
        if tag == "ar":
            take_picture(page, f"{name}-{tag}-narrow")

    with visits.page(bypass_csp=True, locale=tag) as page:
        page.set_viewport_size({"width": 360, "height": 740})
        for name in _walk(page, stack, f"reader-{tag}@example.com"):
            stop(name)
        direction = page.evaluate("getComputedStyle(document.querySelector('h1')).direction")
    assert problems == []
    assert direction == ("rtl" if tag == "ar" else "ltr")
    assert len(names) == 7 + len(ACCOUNT)


def test_the_language_is_chosen_by_keyboard_and_without_scripts(stack: Stack, visits: Visits) -> None:
    with visits.page(java_script_enabled=False, locale="de") as page:
        page.goto(stack.app + "/account")
        page.get_by_role("heading", name="Anmelden").wait_for()
        page.locator(".tongues summary").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.get_by_role("link", name="Français").press("Enter")
        page.get_by_role("heading", name="Se connecter").wait_for()
        assert page.locator("html").get_attribute("lang") == "fr"
        page.reload()
        page.get_by_role("heading", name="Se connecter").wait_for()


def _walk(page: Page, stack: Stack, reader: str) -> Iterator[str]:
    """`reader` has no account and asks for a code: others may have asked too often just now."""
    page.goto(stack.app + "/")
    page.locator("a[href*=sign-up]").first.click()
    page.locator("input[name=first_name]").wait_for()
    yield "sign-up"
    page.goto(stack.app + "/account")
    page.locator("input[name=email]").wait_for()
    page.locator(".tongues summary").click()
    yield "sign-in"
    page.locator(".tongues summary").click()
    page.locator("input[name=email]").fill(reader)
    page.keyboard.press("Enter")
    page.locator("input[name=password]").wait_for()
    yield "password"
    page.locator("button[formaction*=magic-code], button[value=send]").first.click()
    page.locator("input[name=code]").wait_for()
    yield "magic-code"
    page.goto(stack.server + "/invite?invitation_token=over")
    yield "invitation-over"
    page.goto(stack.app + "/account")
    page.locator("input[name=email]").fill(EMAIL)
    page.keyboard.press("Enter")
    page.locator("input[name=password]").fill(stack.demo_password)
    page.keyboard.press("Enter")
    page.wait_for_url(stack.app + "/**")
    page.goto(stack.server + "/sign-out")
    yield "sign-out"
    page.goto(stack.server + "/account")
    page.locator("select").wait_for()
    yield "profile"
    for name in ACCOUNT:
        page.goto(f"{stack.server}/account/{name}")
        yield f"account-{name}"
