"""The server inside an app, in a real browser: policy, style, script and passkeys work below a path."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visits
from tests.e2e.people import PASSWORD, enter_code, fill_in_sign_up, heading
from tests.e2e.test_factors import NO_AUTOFILL, add_authenticator
from tests.embedded.apps import build
from tests.embedded.real import listen, serving
from vestibule.server.identity.policies import set_policy

pytestmark = pytest.mark.e2e

EMAIL = "mary@example.com"


def read_code(page: Page) -> str:
    """By the link at the top of every page, in a tab of its own."""
    inbox = page.context.new_page()
    inbox.goto(page.url)
    inbox.get_by_role("link", name="inbox").click()
    inbox.get_by_role("link").filter(has_text=EMAIL).first.click()
    found = re.search(r"\b(\d{6})\b", inbox.locator(".mail-text").inner_text())
    assert found is not None
    inbox.close()
    return found[1]


def test_somebody_signs_up_makes_a_passkey_and_signs_in_with_it(tmp_path: Path, visits: Visits) -> None:
    listener = listen()
    origin = f"http://localhost:{listener.getsockname()[1]}"
    built = build("fastapi", tmp_path, redirect_uri=f"{origin}/callback")
    set_policy(built.auth.identity, passkey_enrollment="offer")
    with serving(built, listener), visits.page() as page:
        page.add_init_script(NO_AUTOFILL)
        add_authenticator(page)
        page.goto(f"{origin}/auth/sign-up?return_to=/me")
        heading(page, "Create your account")
        assert page.evaluate("document.styleSheets[0].cssRules.length") > 50
        fill_in_sign_up(page, EMAIL, password=PASSWORD)
        page.get_by_role("button", name="Create account").click()
        heading(page, "Confirm your email address")
        enter_code(page, read_code(page), "Confirm")
        page.get_by_role("button", name="Create a passkey").click()
        page.wait_for_url(f"{origin}/me")
        expect(page.locator("body")).to_contain_text(EMAIL)

        page.goto(f"{origin}/auth/sign-in?prompt=login&return_to=/me")
        heading(page, "Sign in again")
        page.get_by_role("button", name="Use your passkey").click()
        page.wait_for_url(f"{origin}/me")
        expect(page.locator("body")).to_contain_text(EMAIL)
