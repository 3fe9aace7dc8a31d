"""One real server for each test of the hosted pages, and an app that signs in at it."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.clocks import Clock
from tests.server.login.plain_browser import Page, PlainBrowser
from tests.servers import Running, at, running_server
from vestibule.crypto.pkce import challenge_of
from vestibule.server.identity.outbox import Mail, list_mails

PASSWORD = "seven green bottles"
VERIFIER = "a-verifier-of-exactly-43-characters-as-it-is"
CALLBACK = "http://localhost:8000/callback"
STATE = "Fe26.2*1*state~2 with/odd+bytes&é=%"
SEED = {
    "redirect_uris": [{"uri": "http://localhost/callback"}],
    "organizations": [
        {"id": "org_engines", "name": "Analytical Engines"},
        {"id": "org_society", "name": "Royal Society"},
    ],
    "users": [
        {"email": "ada@example.com", "password": PASSWORD, "email_verified": True, "first_name": "Ada"},
        {"email": "grace@example.com", "password": PASSWORD, "email_verified": True},
        {"email": "new@example.com", "password": PASSWORD, "email_verified": False},
    ],
    "memberships": [
        {"email": "grace@example.com", "organization_id": "org_engines", "role": "admin"},
        {"email": "grace@example.com", "organization_id": "org_society", "role": "member"},
    ],
}


@dataclass(frozen=True, slots=True)
class App:
    """The application in front of which people sign in."""

    server: Running
    opened: ExitStack

    def browser(self) -> PlainBrowser:
        return self.opened.enter_context(closing(PlainBrowser(self.server.browser())))

    def begin(self, browser: PlainBrowser, **more: str) -> Page:
        asked = {
            "client_id": self.server.client_id,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "provider": "authkit",
            "state": STATE,
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
        }
        return browser.get("/user_management/authorize", **(asked | more))

    def finish(self, browser: PlainBrowser) -> dict[str, Any]:
        """Exchange the code that the browser brought, and say who it was for."""
        query = self.answer(browser)
        assert query["state"] == STATE
        with self.server.client() as client:
            grant = {"grant_type": "authorization_code", "code": query["code"], "code_verifier": VERIFIER}
            response = client.post(
                "/user_management/authenticate", json={"client_id": self.server.client_id, **grant}
            )
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def answer(self, browser: PlainBrowser) -> dict[str, str]:
        """What the app's callback was called with."""
        assert browser.left_for.startswith(CALLBACK + "?"), browser.left_for
        return {name: values[0] for name, values in parse_qs(urlsplit(browser.left_for).query).items()}

    def mails(self, recipient: str) -> list[Mail]:
        """Newest first."""
        return list_mails(self.server.identity, recipient=recipient)


@pytest.fixture
def clock() -> Clock:
    return Clock(at("2027-01-15T12:00:00+00:00"))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with everybody in it, made once: hashing their passwords takes a while."""
    directory = tmp_path_factory.mktemp("people")
    with running_server(directory, seed=SEED):
        pass
    return directory / "vestibule.db"


@pytest.fixture
def app(tmp_path: Path, template: Path, clock: Clock) -> Iterator[App]:
    shutil.copy(template, tmp_path)
    with running_server(tmp_path, clock=clock) as server, ExitStack() as opened:
        yield App(server, opened)
