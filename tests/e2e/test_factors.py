"""Passkeys and authenticator apps in a real browser, with Chromium's own virtual authenticator."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.e2e import people
from tests.e2e.conftest import Visits
from tests.e2e.people import heading
from tests.e2e.test_every_page import look_at
from tests.server.authenticators import Authenticator
from tests.servers import Running, running_server
from vestibule.crypto.pkce import create_pair
from vestibule.server.identity.policies import set_policy

pytestmark = pytest.mark.e2e

NO_AUTOFILL = "PublicKeyCredential.isConditionalMediationAvailable = async () => false"
PASSWORD = "seven green bottles"
SEED = {
    "redirect_uris": [{"uri": "http://localhost/callback"}],
    "users": [{"email": "ada@example.com", "password": PASSWORD, "email_verified": True}],
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    with running_server(tmp_path, seed=SEED) as running:
        yield running


class Callback(BaseHTTPRequestHandler):
    """An application that is nothing but its callback."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>App</title><h1>Signed in</h1>")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def callback() -> Iterator[str]:
    with ThreadingHTTPServer(("localhost", 0), Callback) as app:
        Thread(target=app.serve_forever, daemon=True).start()
        yield f"http://localhost:{app.server_port}/callback"
        app.shutdown()


def begin(page: Page, server: Running, callback: str, **more: str) -> None:
    asked = {
        "client_id": server.client_id,
        "redirect_uri": callback,
        "response_type": "code",
        "code_challenge": create_pair().challenge,
        "code_challenge_method": "S256",
        "prompt": "select_account",
        **more,
    }
    page.goto(f"{server.url}/user_management/authorize?{urlencode(asked)}")
    heading(page, "Sign in")


def arrive(page: Page) -> None:
    heading(page, "Signed in")
    assert parse_qs(urlsplit(page.url).query)["code"]


def password(page: Page) -> None:
    people.identify(page, "ada@example.com")
    people.prove(page, PASSWORD)


def add_authenticator(page: Page) -> "Authenticators":
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable", {"enableUI": False})
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    added = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return Authenticators(session, str(added["authenticatorId"]))


@dataclass(frozen=True, slots=True)
class Authenticators:
    """Chromium's virtual one, and the finger on it."""

    session: CDPSession
    id: str

    def touch(self, *, on: bool) -> None:
        asked = {"authenticatorId": self.id, "enabled": on}
        self.session.send("WebAuthn.setAutomaticPresenceSimulation", asked)

    def keys(self) -> list[bool]:
        """Whether each of them is found without being named."""
        found = self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return [bool(each["isResidentCredential"]) for each in found["credentials"]]


def make_passkey(page: Page, server: Running, callback: str) -> Authenticators:
    set_policy(server.identity, passkey_enrollment="offer")
    device = add_authenticator(page)
    begin(page, server, callback)
    password(page)
    heading(page, "Sign in faster next time")
    page.get_by_role("button", name="Create a passkey").click()
    arrive(page)
    return device


def test_a_passkey_is_made_and_then_signs_in(server: Running, callback: str, visits: Visits) -> None:
    with visits.page() as page:
        device = make_passkey(page, server, callback)
        assert device.keys() == [True]
        page.add_init_script(NO_AUTOFILL)
        begin(page, server, callback)
        page.get_by_role("button", name="Sign in with a passkey").click()
        arrive(page)


def test_the_browser_offers_the_passkey_where_the_address_is_typed(
    server: Running, callback: str, visits: Visits
) -> None:
    """Conditional mediation: the page's request waits, and is answered without a click on anything."""
    with visits.page() as page:
        device = make_passkey(page, server, callback)
        device.touch(on=False)
        begin(page, server, callback)
        assert page.get_by_label("Email address").get_attribute("autocomplete") == "username webauthn"
        device.touch(on=True)
        page.reload()
        arrive(page)


def test_a_person_who_declines_is_told_and_can_go_on(server: Running, callback: str, visits: Visits) -> None:
    with visits.page() as page:
        add_authenticator(page)  # which knows no passkey of anybody
        begin(page, server, callback)
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_role("alert")).to_contain_text("No passkey was used")
        password(page)
        arrive(page)


@pytest.mark.verify
@pytest.mark.slow
def test_every_page_of_second_factors_is_readable(server: Running, callback: str, visits: Visits) -> None:
    problems: list[str] = []
    set_policy(server.identity, mfa="required", passkey_enrollment="offer")

    def stop(page: Page, name: str) -> None:
        problems.extend(f"{name}: {each}" for each in look_at(page, name))

    with visits.page(size="desk", bypass_csp=True) as page:
        device = add_authenticator(page)
        begin(page, server, callback)
        password(page)
        heading(page, "Set up your authenticator app")
        stop(page, "enroll-second-factor")
        secret = page.locator(".key").inner_text().replace(" ", "")
        app = Authenticator(secret)
        page.get_by_role("textbox", name="Code").fill(app.wrong(server.identity.now))
        expect(page.get_by_role("textbox", name="Code")).to_have_attribute("aria-invalid", "true")
        page.get_by_role("textbox", name="Code").fill(app.code(server.identity.now, steps=-1))
        heading(page, "Keep your recovery codes")
        codes = page.locator(".codes code").all_inner_texts()
        assert len(codes) == 10
        stop(page, "recovery-codes")
        page.get_by_role("link", name="I have kept them").click()
        heading(page, "Sign in faster next time")
        stop(page, "passkey-offer")
        page.get_by_role("button", name="Create a passkey").click()
        arrive(page)
        device.touch(on=False)
        begin(page, server, callback)
        stop(page, "sign-in-with-passkey")
        password(page)
        heading(page, "Confirm it is you")
        stop(page, "second-factor")
        page.get_by_role("link", name="Use a recovery code").click()
        stop(page, "recovery-code")
        page.get_by_label("Recovery code").fill(codes[0])
        page.keyboard.press("Enter")
        arrive(page)
        begin(page, server, callback)
        password(page)
        device.touch(on=True)
        page.get_by_role("button", name="Use your passkey").click()
        arrive(page)
        device.touch(on=False)
        begin(page, server, callback)
        password(page)
        page.get_by_role("textbox", name="Code").fill(app.code(server.identity.now))
        arrive(page)
    assert problems == []
    assert re.fullmatch(r"[a-z2-7]{4}(-[a-z2-7]{4}){3}", codes[1])


def test_a_browser_without_scripts_sees_a_page_that_works(
    server: Running, callback: str, visits: Visits
) -> None:
    with visits.page(java_script_enabled=False) as page:
        begin(page, server, callback)
        expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
        password(page)
        arrive(page)
