"""examples/direct in a real browser, started by its one command: GitHub and Google are the ones for tests."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visits
from tests.e2e.people import heading
from tests.e2e.test_every_page import axe_problems, layout_problems
from tests.examples.made import made

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PICTURES = os.environ.get("VESTIBULE_EXAMPLE_SCREENS")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with made("direct", tmp_path_factory.mktemp("direct")) as app:
        yield app


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=re.compile(name)).click()


def test_in_by_github_out_and_in_by_google(app: str, visits: Visits) -> None:
    with visits.page() as page:
        page.goto(app + "/")
        heading(page, "Hello, stranger.")
        page.get_by_role("link", name="Continue with GitHub").click()
        heading(page, "Sign in with GitHub")
        press(page, "ada@example.com")
        heading(page, "Your account")
        page.reload()
        expect(page.locator("dl")).to_contain_text("ada@example.com")
        expect(page.locator("dl")).to_contain_text("github:")
        press(page, "Sign out")
        heading(page, "Hello, stranger.")

        page.goto(app + "/account?tab=1")
        heading(page, "Sign in")
        page.get_by_role("link", name="Continue with Google").click()
        heading(page, "Sign in with Google")
        press(page, "grace@example.com")
        heading(page, "Your account")
        assert page.url == app + "/account?tab=1"
        expect(page.locator("dl")).to_contain_text("google:")
        assert [each["name"] for each in page.context.cookies()] == ["vestibule-session"]


def test_a_second_account_is_connected(app: str, visits: Visits) -> None:
    with visits.page() as page:
        page.goto(app + "/auth/sign-in/github?return_to=/account")
        press(page, "ada@example.com")
        press(page, "Connect Google")
        press(page, "ada@example.com")
        expect(page.locator("dl")).to_contain_text("GitHub, Google")
        expect(page.get_by_role("button", name="Connect")).to_have_count(0)
        expect(page.locator("dl")).to_contain_text("github:")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_choice_and_a_change_of_mind_are_pages_for_everybody(
    app: str, visits: Visits, scheme: str
) -> None:
    with visits.page(scheme=scheme) as page:
        page.goto(app + "/")
        looks_good(page, f"direct-home-{scheme}", "Hello, stranger.")
        page.goto(app + "/account")
        looks_good(page, f"direct-choice-{scheme}", "Sign in")
        expect(page.locator("main")).to_contain_text(app.removeprefix("http://"))
        page.get_by_role("link", name="Continue with GitHub").click()
        press(page, "Cancel")
        looks_good(page, f"direct-cancelled-{scheme}", "Sign-in did not finish")
        page.get_by_role("link", name="Try again").click()
        heading(page, re.compile("Sign in"))
        page.goto(app + "/auth/sign-in/gitlab")
        looks_good(page, f"direct-unknown-{scheme}", "Sign-in did not finish")
        expect(page.locator("main")).to_contain_text("github, google")


def looks_good(page: Page, name: str, title: str | re.Pattern[str]) -> None:
    heading(page, title)
    found = axe_problems(page)
    for size in ("phone", "wide"):
        found += layout_problems(page, size=size)
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{size}.png")
    assert found == []
