"""A browser without JavaScript on the hosted pages: it follows redirects and sends forms, and that is all."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2

from tests.servers import Running


@dataclass(slots=True)
class Pkce:
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def challenge(self) -> str:
        hashed = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()


PKCE = Pkce()
"""Of all tests that do not care which."""
CHALLENGE = {"code_challenge": PKCE.challenge, "code_challenge_method": "S256"}


class Form(HTMLParser):
    """The first form of a page."""

    def __init__(self, response: httpx2.Response) -> None:
        super().__init__()
        self.address = str(response.url)
        self.action: str | None = None
        self.values: dict[str, str] = {}
        self._inside = False
        self.feed(response.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and self.action is None:
            self._inside = True
            self.action = urljoin(self.address, given.get("action") or self.address)
        elif tag == "input" and self._inside and given.get("name"):
            self.values[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


def follow(browser: httpx2.Client, response: httpx2.Response) -> httpx2.Response:
    """Redirects within the server; the one that leaves it is returned."""
    for _ in range(10):
        if not response.has_redirect_location:
            return response
        target = urljoin(str(response.url), response.headers["location"])
        if urlsplit(target).netloc != urlsplit(str(response.url)).netloc:
            return response
        response = browser.get(target)
    raise AssertionError("redirects without end")


def submit(browser: httpx2.Client, page: httpx2.Response, **values: str) -> httpx2.Response:
    form = Form(page)
    assert form.action is not None, page.text
    headers = {"sec-fetch-site": "same-origin"}
    return follow(browser, browser.post(form.action, data=form.values | values, headers=headers))


def returned(response: httpx2.Response) -> dict[str, str]:
    """What came back to the app, in the query of its redirect URI."""
    location = response.headers["location"]
    return {name: value[0] for name, value in parse_qs(urlsplit(location).query).items()}


def sign_in(
    server: Running,
    browser: httpx2.Client,
    *,
    email: str,
    password: str,
    path: str = "/user_management/authorize",
    **asked: str,
) -> dict[str, str]:
    """From the authorize request to the app's callback."""
    parameters = {"client_id": server.client_id, "response_type": "code"} | asked
    page = follow(browser, browser.get(path, params=parameters))
    assert page.status_code == 200, page.text
    return returned(submit(browser, page, email=email, password=password))
