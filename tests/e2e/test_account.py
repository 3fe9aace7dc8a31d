"""The account page in a real browser: one story through all of it, and every page readable by everybody."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visits
from tests.e2e.people import heading
from tests.e2e.test_every_page import PICTURES, axe_problems, layout_problems, take_picture
from tests.e2e.test_factors import add_authenticator
from tests.place_databases import write_places
from tests.server.authenticators import Authenticator, enroll
from tests.server.people import code_in, mails_to
from tests.servers import Running, running_server
from vestibule.server.identity.browser import begin_browser_session
from vestibule.server.identity.context import utc_now
from vestibule.server.identity.environment import update_environment
from vestibule.server.identity.events import Caller
from vestibule.server.identity.invitations import create_invitation
from vestibule.server.identity.owned_keys import create_user_key
from vestibule.server.identity.users import find_user_by_email

pytestmark = pytest.mark.e2e

ADA, PASSWORD, NEW_PASSWORD = "ada@example.com", "seven green bottles", "nine quiet lighthouses"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.1 Mobile/15E148 Safari/604.1"
)
SEED = {
    "redirect_uris": [{"uri": "http://localhost/callback"}],
    "organizations": [
        {"id": "org_engines", "name": "Analytical Engines"},
        {"id": "org_society", "name": "Royal Society"},
    ],
    "users": [
        {
            "email": ADA,
            "password": PASSWORD,
            "email_verified": True,
            "first_name": "Ada",
            "last_name": "Lovelace",
        }
    ],
    "memberships": [
        {"email": ADA, "organization_id": "org_engines", "role": "admin"},
        {"email": ADA, "organization_id": "org_society", "role": "member"},
    ],
}
SIZES = {"narrow": (360, 780), "tablet": (768, 1024), "wide": (1440, 900)}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    known = {"203.0.113.0/24": {"city": {"names": {"en": "London"}}, "country": {"names": {"en": "England"}}}}
    places = write_places(tmp_path / "places.mmdb", known)
    with running_server(tmp_path, seed=SEED, places_database=str(places)) as running:
        update_environment(running.identity, name="Atrium", app_homepage_url="http://localhost:8000/")
        yield running


def session_of_ada(server: Running, user_agent: str = PHONE) -> str:
    user = find_user_by_email(server.identity, ADA)
    assert user is not None
    caller = Caller("203.0.113.7", user_agent)
    return begin_browser_session(
        server.identity, user_id=user.id, authentication_method="Password", caller=caller
    )[1]


def sign_in(page: Page, server: Running, path: str) -> None:
    page.goto(server.url + path)
    page.get_by_label("Email address").fill(ADA)
    page.keyboard.press("Enter")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(server.url + path)


def section(page: Page, name: str, title: str = "") -> None:
    page.get_by_role("navigation", name="Account").get_by_role("link", name=name).click()
    heading(page, title or name)


def test_somebody_looks_after_their_account(server: Running, visits: Visits) -> None:
    session_of_ada(server)
    with visits.page() as page:
        add_authenticator(page)
        sign_in(page, server, "/account")
        page.get_by_label("Display name").fill("Countess of Lovelace")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("status")).to_have_text("Your profile is saved.")
        _secure(page)
        _sign_the_phone_out(page)
        _work_together(page, server)
        _change_the_address(page, server)
        _leave(page, server)


def _secure(page: Page) -> None:
    section(page, "Security")
    page.get_by_role("link", name="Change password").click()
    page.get_by_label("Current password", exact=True).fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    page.get_by_label("Sign out every other device").uncheck()
    page.get_by_role("button", name="Save the password").click()
    expect(page.get_by_role("status")).to_have_text("Your password is saved.")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Create a passkey").click()
    expect(page.get_by_role("status")).to_contain_text("Your passkey is ready.")
    page.get_by_role("link", name="Manage Chrome on Linux").click()
    page.get_by_label("Name").fill("Work laptop")
    page.get_by_role("button", name="Save the name").click()
    expect(page.get_by_text("Work laptop").first).to_be_visible()
    page.get_by_role("link", name="Set up").click()
    app = Authenticator(page.locator(".key").inner_text().replace(" ", ""))
    page.get_by_role("textbox", name="Code").fill(app.code(utc_now()))
    heading(page, "Keep your recovery codes")
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Download as a text file").click()
    assert downloaded.value.suggested_filename == "recovery-codes.txt"
    assert len(downloaded.value.path().read_text().split()) >= 10
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("10 codes are left")).to_be_visible()


def _sign_the_phone_out(page: Page) -> None:
    section(page, "Sessions")
    phone = page.get_by_role("listitem").filter(has_text="Safari on iPhone")
    expect(phone).to_contain_text("London, England")
    phone.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status")).to_have_text("That device is signed out.")
    expect(phone).to_have_count(0)
    expect(page.get_by_text("This device")).to_be_visible()


def _work_together(page: Page, server: Running) -> None:
    section(page, "Organizations")
    page.get_by_role("link", name="Create an organization").click()
    page.get_by_label("Name of the organization").fill("Difference Engines")
    page.get_by_role("button", name="Create").click()
    heading(page, "Difference Engines")
    page.get_by_label("Email address").fill("charles@example.com")
    page.get_by_label("Role").select_option("Admin")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_role("status")).to_have_text("The invitation is on its way.")
    assert [mail.kind for mail in mails_to(server.identity, "charles@example.com")] == ["invitation"]


def _change_the_address(page: Page, server: Running) -> None:
    section(page, "Profile")
    page.get_by_role("link", name="Change").click()
    page.get_by_label("New email address").fill("countess@example.com")
    page.get_by_role("button", name="Send the code").click()
    heading(page, "Confirm your new address")
    page.get_by_label("Code").fill(code_in(mails_to(server.identity, "countess@example.com")[0]))
    expect(page.get_by_role("status")).to_have_text("Your email address is changed.")


def _leave(page: Page, server: Running) -> None:
    section(page, "Your data")
    with page.expect_download() as downloaded:
        page.get_by_role("button", name="Download everything").click()
    found = json.loads(downloaded.value.path().read_text())
    assert [each["name"] for each in found["passkeys"]] == ["Work laptop"]
    assert found["user"]["name"] == "Countess of Lovelace"
    page.get_by_role("link", name="Delete your account").click()
    page.get_by_label("Type your email address to confirm").fill("countess@example.com")
    page.get_by_role("button", name="Delete my account for good").click()
    heading(page, "Your account is deleted")
    assert find_user_by_email(server.identity, "countess@example.com") is None
    page.goto(server.url + "/account")
    heading(page, "Sign in")


PLACES = {
    "profile": "/account",
    "email": "/account/email",
    "security": "/account/security",
    "password": "/account/security/password",
    "passkey-add": "/account/security/passkeys",
    "authenticator": "/account/security/authenticator",
    "recovery-codes": "/account/security/recovery-codes",
    "sessions": "/account/sessions",
    "organizations": "/account/organizations",
    "organization-new": "/account/organizations/new",
    "organization": "/account/organizations/org_engines",
    "api-keys": "/account/api-keys",
    "api-key-new": "/account/api-keys/new?organization_id=org_engines",
    "data": "/account/data",
    "delete": "/account/delete",
    "not-there": "/account/organizations/org_unknown",
}


WALKS = [("light", "wide", "en"), ("dark", "narrow", "ar")]
IN_PICTURES = [
    ("light", "wide", "en"),
    ("dark", "narrow", "en"),
    ("dark", "tablet", "de"),
    ("light", "narrow", "ar"),
]


@pytest.mark.verify
@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "size", "language"), IN_PICTURES if PICTURES else WALKS)
def test_every_page_of_the_account_is_readable(
    server: Running, visits: Visits, scheme: str, size: str, language: str
) -> None:
    _furnish(server)
    problems: list[str] = []
    with visits.page(scheme=scheme, bypass_csp=True, locale=language) as page:
        width, height = SIZES[size]
        page.set_viewport_size({"width": width, "height": height})
        token = session_of_ada(server, page.evaluate("navigator.userAgent"))
        page.context.add_cookies([{"name": "vestibule", "value": token, "url": server.url}])
        for name, path in PLACES.items():
            page.goto(server.url + path)
            problems.extend(f"{name}: {each}" for each in [*axe_problems(page), *layout_problems(page)])
            if language == "en":
                take_picture(page, f"account-{name}-{scheme}" + ("" if size == "wide" else f"-{size}"))
    assert problems == []


def _furnish(server: Running) -> None:
    user = find_user_by_email(server.identity, ADA)
    assert user is not None
    session_of_ada(server)
    create_user_key(server.identity, user.id, organization_id="org_engines", name="Nightly report")
    create_invitation(server.identity, email="charles@example.com", organization_id="org_engines")
    with server.identity.store.transaction() as tx:
        tx.identities.create(provider="GitHubOAuth", idp_id="1", user_id=user.id, now=server.identity.now)
    enroll(server.identity, user.id)
