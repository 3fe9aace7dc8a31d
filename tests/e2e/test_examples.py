"""Each example in a real browser: sign up with the mailed code, be greeted by name, leave."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import people
from tests.e2e.conftest import Visits
from tests.e2e.people import heading
from tests.examples.running import Example, names

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PICTURES = os.environ.get("VESTIBULE_EXAMPLE_SCREENS")


@pytest.fixture(scope="module", params=names())
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Example]:
    with Example(request.param, tmp_path_factory.mktemp("example")) as running:
        yield running


def test_a_newcomer_signs_up_and_out(example: Example, visits: Visits) -> None:
    with visits.page() as page:
        page.goto(example.app + "/")
        heading(page, "Hello, stranger.")
        page.get_by_role("link", name="Sign up").click()
        heading(page, "Create your account")
        people.fill_in_sign_up(page, "mary@example.com")
        page.get_by_role("button", name="Create account").click()
        heading(page, "Confirm your email address")
        people.enter_code(page, people.read_code(page, example, "mary@example.com"), "Confirm")
        heading(page, "Hello, Mary.")
        page.get_by_role("link", name="Your account").click()
        heading(page, "Your account")
        expect(page.locator("dl")).to_contain_text("mary@example.com")
        page.get_by_role("button", name="Sign out").click()
        heading(page, "Hello, stranger.")
        page.goto(example.app + "/account")
        heading(page, "Sign in")


@pytest.mark.parametrize(("scheme", "size"), [("light", "wide"), ("dark", "narrow")])
def test_its_pages_fit_a_telephone_and_a_desk(
    example: Example, visits: Visits, scheme: str, size: str
) -> None:
    with visits.page(scheme=scheme, size=size) as page:
        page.goto(example.app + "/")
        fits(page, f"home-{scheme}-{size}")
        page.goto(example.app + "/account")
        people.identify(page, "ada@example.com")
        people.prove(page, example.demo_password)
        heading(page, "Your account")
        fits(page, f"account-{scheme}-{size}")


def fits(page: Page, name: str) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png")
