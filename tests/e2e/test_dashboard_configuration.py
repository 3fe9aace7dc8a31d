"""The configuration in the dashboard in a real browser: seen live with a script, by a button without one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.clocks import Clock
from tests.e2e.conftest import Visits
from tests.e2e.test_every_page import look_at, take_picture
from tests.server.dashboard.office import Office, open_office
from vestibule.server.identity.api_keys import create_api_key
from vestibule.server.identity.colors import TEXT, contrast, parse_color
from vestibule.server.identity.context import Identity, utc_now
from vestibule.server.identity.cors_origins import create_cors_origin
from vestibule.server.identity.jwt_template import put_jwt_template
from vestibule.server.identity.palettes import CARD
from vestibule.server.identity.redirect_uris import create_redirect_uri
from vestibule.server.identity.webhook_deliveries import send_test
from vestibule.server.identity.webhooks import create_endpoint

pytestmark = pytest.mark.e2e

NAMES = ["user.created", "user.updated", "user.deleted", "organization.created", "session.created"]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with open_office(tmp_path, Clock(utc_now())) as office:
        yield office


@pytest.fixture
def places(office: Office) -> dict[str, str]:
    """Every page of the configuration, with something on it."""
    identity = office.identity
    create_redirect_uri(identity, "https://app.example.com/auth/callback")
    create_redirect_uri(identity, "https://app-*.preview.example.com/auth/callback")
    create_redirect_uri(identity, "https://app.example.com/goodbye", kind="sign_out")
    create_cors_origin(identity, "https://spa.example.com")
    put_jwt_template(identity, '{\n  "email": {{ user.email }}\n}\n')
    key, _ = create_api_key(identity, "Nightly import")
    endpoint, delivery = watched_endpoint(identity)
    hooks = f"/dashboard/webhooks/{endpoint}"
    return {
        "application": "/dashboard/application",
        "api-keys": "/dashboard/api-keys",
        "api-key": f"/dashboard/api-keys/{key.id}",
        "webhooks": "/dashboard/webhooks",
        "webhook-new": "/dashboard/webhooks/new",
        "webhook": hooks,
        "webhook-delivery": f"{hooks}/deliveries/{delivery}",
        "emails": "/dashboard/emails",
        "email": "/dashboard/emails/invitation",
        "branding": "/dashboard/branding",
        "jwt-template": "/dashboard/jwt-template",
    }


def watched_endpoint(identity: Identity) -> tuple[str, str]:
    """At an address of this machine where nobody answers."""
    endpoint = create_endpoint(identity, endpoint_url="http://localhost:9/webhooks", events=NAMES)
    return endpoint.id, send_test(identity, endpoint.id).id


def sit(page: Page, office: Office) -> None:
    for cookie in office.operator("owner").client.cookies.jar:
        page.context.add_cookies(
            [{"name": cookie.name, "value": cookie.value or "", "url": office.server.url}]
        )


@pytest.mark.verify
@pytest.mark.slow
def test_the_configuration_is_readable_by_everybody(
    office: Office, places: dict[str, str], visits: Visits
) -> None:
    problems: list[str] = []
    with visits.page(size="desk", bypass_csp=True) as page:
        sit(page, office)
        for name, path in places.items():
            page.goto(office.server.url + path)
            problems.extend(f"{name}: {problem}" for problem in look_at(page, f"dashboard-{name}"))
    assert problems == []


def test_a_page_shows_its_new_colors_while_they_are_typed(office: Office, visits: Visits) -> None:
    with visits.page(size="desk") as page:
        sit(page, office)
        page.goto(f"{office.server.url}/dashboard/branding")
        before = page.evaluate("history.length")
        page.get_by_label("Name (optional)").fill("Analytical Engines")
        frame = page.frame_locator("iframe[name=preview]")
        expect(frame.get_by_text("Analytical Engines")).to_be_visible()
        page.locator("#accent-pick").fill("#7a1f5c")
        expect(page.locator("#accent")).to_have_value("#7a1f5c")
        expect(frame.get_by_role("button", name="Continue")).to_have_css(
            "background-color", "rgb(122, 31, 92)"
        )
        assert page.evaluate("history.length") == before
        verdict = page.locator("[data-contrast=accent]")
        for color in ("#7a1f5c", "#FFCC00", "#777"):
            page.locator("#accent").fill(color)
            ratio = int(contrast(parse_color(color) or "", CARD["light"]) * 10) / 10
            said = "passes" if ratio >= TEXT else "fails, text needs 4.5. Links are made readable."
            expect(verdict).to_have_text(f"AaContrast {ratio:.1f}: {said}")
        expect(frame.get_by_role("button", name="Continue")).to_be_visible()
        take_picture(page, "dashboard-branding-contrast-light")
        page.locator("#accent").fill("green")
        expect(verdict).to_be_hidden()


def test_without_a_script_a_button_shows_them(office: Office, visits: Visits) -> None:
    with visits.page(size="desk", java_script_enabled=False) as page:
        sit(page, office)
        page.goto(f"{office.server.url}/dashboard/branding")
        page.get_by_label("Name (optional)").fill("Analytical Engines")
        page.get_by_role("button", name="Preview").click()
        expect(page.frame_locator("iframe[name=preview]").get_by_text("Analytical Engines")).to_be_visible()
        expect(page.get_by_role("heading", name="Branding")).to_be_visible()


def test_an_endpoint_is_added_with_events_that_were_looked_for_and_its_secret_copied(
    office: Office, visits: Visits
) -> None:
    with visits.page(size="desk", permissions=["clipboard-read", "clipboard-write"]) as page:
        sit(page, office)
        page.goto(f"{office.server.url}/dashboard/webhooks/new")
        page.get_by_label("Address").fill("https://app.example.com/webhooks")
        page.get_by_label("Find an event").fill("user.cr")
        page.get_by_label("user.created", exact=True).check()
        expect(page.get_by_label("invitation.created")).to_be_hidden()
        page.get_by_role("button", name="Add the endpoint").click()
        page.get_by_role("button", name="Copy the secret").click()
        assert page.evaluate("navigator.clipboard.readText()").startswith("whsec_")
