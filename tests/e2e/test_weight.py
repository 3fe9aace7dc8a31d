"""What the sign-in page weighs on its way to somebody who was never here, and what it waits for: nothing."""

from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from playwright.sync_api import Browser, Page

from tests.e2e import people
from tests.e2e.conftest import Visits
from tests.e2e.stack import Stack

pytestmark = pytest.mark.e2e

KILOBYTE = 1024
FIRST_FLIGHT = 10 * 1460
"""What a server may send before it hears from the browser again: ten segments (RFC 6928)."""


class Traffic:
    """Every answer on its way to a page, headers and all, as the browser's network counts it."""

    def __init__(self, page: Page) -> None:
        self.bytes: dict[str, int] = {}
        self._urls: dict[str, str] = {}
        session = page.context.new_cdp_session(page)
        session.on("Network.requestWillBeSent", self._sent)
        session.on("Network.loadingFinished", self._finished)
        session.send("Network.enable")

    def _sent(self, event: Any) -> None:
        self._urls[event["requestId"]] = event["request"]["url"]

    def _finished(self, event: Any) -> None:
        url = self._urls[event["requestId"]]
        self.bytes[url] = self.bytes.get(url, 0) + int(event["encodedDataLength"])


def arrive(browser: Browser, visits: Visits, stack: Stack, look: Any) -> None:
    """Opens the sign-in page of a sign-in under way, in a browser that has kept nothing but its cookies."""
    with visits.page() as page:
        people.open_sign_in(page, stack)
        url, state = page.url, page.context.storage_state()
    context = browser.new_context(storage_state=state)
    try:
        page = context.new_page()
        traffic = Traffic(page)
        page.goto(url, wait_until="networkidle")
        look(page, traffic, url)
    finally:
        context.close()


def test_the_sign_in_page_is_light_and_complete_with_its_first_answer(
    chromium: Browser, visits: Visits, stack: Stack
) -> None:
    def look(page: Page, traffic: Traffic, url: str) -> None:
        icon = page.locator("link[rel=icon]").get_attribute("href")
        assert icon
        if not any(icon in each for each in traffic.bytes):  # a browser without a window asks for none
            traffic.bytes[stack.server + icon] = len(httpx2.get(stack.server + icon).content) + 500
        origins = {"{0.scheme}://{0.netloc}".format(urlsplit(each)) for each in traffic.bytes}
        assert origins == {stack.server}
        assert sum(traffic.bytes.values()) <= 30 * KILOBYTE, traffic.bytes
        assert traffic.bytes[url] <= FIRST_FLIGHT, traffic.bytes

    arrive(chromium, visits, stack, look)


def test_nothing_is_waited_for_before_the_page_is_painted(
    chromium: Browser, visits: Visits, stack: Stack
) -> None:
    def look(page: Page, traffic: Traffic, url: str) -> None:
        facts = page.evaluate(
            """() => ({
                painted: performance.getEntriesByName('first-contentful-paint').length,
                blocking: performance.getEntriesByType('resource')
                    .filter(each => each.renderBlockingStatus !== 'non-blocking').map(each => each.name),
                loaded: performance.getEntriesByType('resource').length,
                color: getComputedStyle(document.querySelector('.button')).backgroundColor,
            })"""
        )
        assert facts["painted"] == 1
        assert facts["loaded"] >= 1
        assert facts["blocking"] == []
        assert facts["color"] == "rgb(27, 94, 79)"

    arrive(chromium, visits, stack, look)
