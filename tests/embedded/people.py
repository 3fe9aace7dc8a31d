"""What somebody does on the pages of the server inside the app, by following what the pages say."""

import re
from urllib.parse import urljoin

import httpx2

from tests.server.hosted import follow, submit

PASSWORD = "orbit-lantern-cascade"
FETCH = {"accept": "application/json", "sec-fetch-mode": "cors", "sec-fetch-site": "same-origin"}


def sign_up(browser: httpx2.Client, email: str) -> httpx2.Response:
    """To the page of the app where it ends."""
    page = follow(browser, browser.get("/auth/sign-up", params={"return_to": "/"}))
    page = submit(browser, page, email=email, password=PASSWORD)
    assert "Confirm your email address" in page.text, page.text
    return submit(browser, page, code=read_code(browser, page, email), action="confirm")


def sign_in(browser: httpx2.Client, email: str) -> httpx2.Response:
    page = follow(browser, browser.get("/auth/sign-in"))
    return submit(browser, page, email=email, password=PASSWORD)


def read_code(browser: httpx2.Client, page: httpx2.Response, email: str) -> str:
    """From the development inbox, which every page links to."""
    inbox = browser.get(urljoin(str(page.url), link(page, "inbox")))
    mail = browser.get(urljoin(str(inbox.url), link(inbox, email)))
    found = re.search(r"\b(\d{6})\b", mail.text)
    assert found is not None, mail.text
    return found[1]


def link(page: httpx2.Response, text: str) -> str:
    """The first link that shows this text."""
    for found in re.finditer(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', page.text, re.S):
        if text in found[2]:
            return found[1].replace("&amp;", "&")
    raise AssertionError(f"no link says {text!r}: {page.text}")


def me(browser: httpx2.Client) -> httpx2.Response:
    return browser.get("/me", headers=FETCH)
