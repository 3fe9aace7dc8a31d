"""Brandings that make it hard, in a real browser: whatever was chosen, everybody can use the page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visits
from tests.e2e.test_every_page import axe_problems, layout_problems
from tests.server.hosted import CHALLENGE
from tests.servers import Running, running_server
from vestibule.server.identity.branding import store_logo, update_branding

pytestmark = pytest.mark.e2e

CALLBACK = "http://localhost:3000/callback"
SEED: dict[str, Any] = {
    "redirect_uris": [CALLBACK],
    "users": [{"email": "ada@example.com", "password": "nine quiet lighthouses", "email_verified": True}],
}
LOGO = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 40"><style>.a{fill:#635bff}</style>'
    b'<path class="a" d="M0 0h900v40H0z"/></svg>'
)
PHONE = {"width": 360, "height": 740}
HARD: list[dict[str, Any]] = [
    {"name": "Sun", "accent": "#ffcc00", "background": "#0b1f4b", "radius": "none", "appearance": "light"},
    {"name": "Snow", "accent": "#fefefe", "accent_dark": "#101010", "radius": "32px", "appearance": "system"},
    {"name": "Fog", "accent": "#777777", "background": "#777777", "background_dark": "#808080"},
]
LINKS = {
    "terms_url": "https://sun.example/terms",
    "privacy_url": "https://sun.example/privacy",
    "support_url": "mailto:help@sun.example",
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    with running_server(tmp_path, seed=SEED) as server:
        yield server


def open_sign_in(page: Page, server: Running) -> None:
    asked = {"client_id": server.client_id, "response_type": "code", "redirect_uri": CALLBACK, **CHALLENGE}
    page.goto(f"{server.url}/user_management/authorize?{urlencode(asked)}")
    page.get_by_role("heading", level=1).wait_for()


@pytest.mark.parametrize("chosen", HARD, ids=lambda chosen: str(chosen["name"]))
def test_no_choice_keeps_anybody_out(server: Running, visits: Visits, chosen: dict[str, Any]) -> None:
    update_branding(server.identity, **chosen, **LINKS)
    problems: list[str] = []
    for scheme, size in (("light", "wide"), ("dark", "narrow")):
        with visits.page(scheme=scheme, size=size, bypass_csp=True) as page:
            open_sign_in(page, server)
            problems += [*axe_problems(page), *layout_problems(page)]
    assert problems == []


def test_an_appearance_that_was_chosen_wins_and_a_logo_fits(server: Running, visits: Visits) -> None:
    update_branding(server.identity, appearance="dark", accent="#635bff")
    store_logo(server.identity, LOGO)
    with visits.page(scheme="light", size="narrow") as page:
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        open_sign_in(page, server)
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(31, 35, 31)"
        assert page.evaluate("document.querySelector('.logo').naturalWidth") > 0
        assert layout_problems(page) == []


def test_a_password_can_be_looked_at_and_a_pressed_button_is_busy(server: Running, visits: Visits) -> None:
    with visits.page() as page:
        open_sign_in(page, server)
        page.get_by_label("Email address").fill("ada@example.com")
        page.get_by_role("button", name="Continue").click()
        password = page.get_by_label("Password")
        password.fill("nine quiet lighthouses")
        eye = page.get_by_role("button", name="Show what is typed")
        eye.click()
        expect(password).to_have_attribute("type", "text")
        expect(eye).to_have_attribute("aria-pressed", "true")
        eye.click()
        expect(password).to_have_attribute("type", "password")
        eye.click()
        # The answer never comes: the browser would let nobody look at a page that it is leaving.
        page.evaluate("document.addEventListener('submit', event => event.preventDefault())")
        button = page.get_by_role("button", name="Sign in", exact=True)
        button.click()
        expect(button).to_have_attribute("aria-busy", "true")
        expect(password).to_have_attribute("type", "password")
