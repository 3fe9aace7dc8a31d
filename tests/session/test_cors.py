"""Which other origins may call the package's own routes with cookies."""

import pytest

from tests.session.browser import Browser, open_browser

FRONT_END = "https://front.example.com"
CROSS_SITE = {"origin": FRONT_END, "sec_fetch_site": "cross-site"}


@pytest.fixture
def trusting() -> Browser:
    return open_browser(trusted_origins=(FRONT_END,))


def allowed(browser: Browser, path: str, **headers: str) -> str | None:
    return browser.fetch(path, **headers).header("access-control-allow-origin")


def test_a_trusted_origin_reads_the_session(trusting: Browser) -> None:
    answer = trusting.fetch("/auth/session", **CROSS_SITE)
    assert answer.status == 200
    assert answer.header("access-control-allow-origin") == FRONT_END
    assert answer.header("access-control-allow-credentials") == "true"
    assert answer.header("vary") == "Cookie, Origin"


def test_nobody_else_does(trusting: Browser, browser: Browser) -> None:
    assert allowed(trusting, "/auth/session", origin="https://evil.example") is None
    assert allowed(trusting, "/auth/session", origin="null") is None
    assert allowed(trusting, "/auth/session") is None
    assert allowed(browser, "/auth/session", origin=FRONT_END) is None


def test_a_cache_is_told_that_the_origin_matters(trusting: Browser, browser: Browser) -> None:
    assert trusting.fetch("/auth/session").header("vary") == "Cookie, Origin"
    assert browser.fetch("/auth/session").header("vary") == "Cookie"


def test_an_error_can_be_read_too(trusting: Browser) -> None:
    answer = trusting.fetch("/auth/organization", method="POST", body="", **CROSS_SITE)
    assert answer.status == 400
    assert answer.header("access-control-allow-origin") == FRONT_END


def test_the_apps_own_routes_are_left_to_the_app(trusting: Browser) -> None:
    assert allowed(trusting, "/reports", **CROSS_SITE) is None


def test_a_browser_that_asks_first_is_told_what_it_may_send(trusting: Browser) -> None:
    asks = {**CROSS_SITE, "access_control_request_method": "POST"}
    answer = trusting.fetch("/auth/organization", method="OPTIONS", **asks)
    assert answer.status == 204
    assert answer.header("access-control-allow-origin") == FRONT_END
    assert answer.header("access-control-allow-methods") == "POST, GET"
    assert answer.header("access-control-allow-headers") == "content-type"


def test_a_stranger_who_asks_first_is_refused(trusting: Browser) -> None:
    asks = {"origin": "https://evil.example", "access_control_request_method": "POST"}
    answer = trusting.fetch("/auth/organization", method="OPTIONS", **asks)
    assert answer.status == 405
    assert answer.header("access-control-allow-origin") is None
