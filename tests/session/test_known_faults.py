"""What the AuthKit libraries are known to do wrong, by its number there (docs/known-faults.md): not here."""

import json
from dataclasses import replace

import pytest

from tests.session.browser import NOON, Browser, no_network
from vestibule.flow import HttpRequest, HttpResponse
from vestibule.session.core import Core
from vestibule.session.ended import MOST, EndedSessions
from vestibule.session.model import SignedOut
from vestibule.testing import Clock


def test_E5_who_comes_too_late_leaves_the_cookie_that_a_quicker_request_wrote(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(expires_in=-1))
    late = browser.visit()
    body = {"error": "invalid_grant", "error_description": "Used.", "superseded": True}

    def quicker(request: HttpRequest) -> HttpResponse:
        if request.method == "GET":
            return browser.issuer.send(request)
        return HttpResponse(400, json.dumps(body).encode())

    assert browser.run(late.load(), quicker) is None
    assert late.reason is SignedOut.REFUSED
    assert "Set-Cookie" not in dict(late.headers())


def test_E6_a_session_nobody_can_revive_is_asked_about_once(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(expires_in=-1))
    browser.issuer.end_sessions()
    assert [browser.fetch("/page").status for _ in range(3)] == [401, 401, 401]
    assert len(browser.issuer.requests_to("authenticate")) == 1


def test_P26_a_sign_in_begun_before_a_deployment_ends_after_it(browser: Browser) -> None:
    begun = browser.get("/auth/sign-in?return_to=/there")
    (former,) = browser.issuer.config.cookie_passwords
    passwords = ("another password, of the new release, long enough", former)
    browser.core.restart(config=replace(browser.issuer.config, cookie_passwords=passwords))
    assert browser.get(browser.issuer.authorize(begun.location)).location == "/there"


@pytest.mark.parametrize("host", ["0.0.0.0:3000", "evil.example", "[::]:8000"])
def test_P30_the_way_back_is_a_path_whatever_the_host_is_called(browser: Browser, host: str) -> None:
    begun = browser.get("/auth/sign-in?return_to=/there")
    url = browser.issuer.authorize(begun.location).replace("testserver", host)
    assert browser.get(url).location == "/there"


def test_P32_a_return_path_keeps_its_fragment_and_its_repeated_keys(browser: Browser) -> None:
    wanted = "/list?tag=a&tag=b&empty=#row-7"
    begun = browser.get(f"/auth/sign-in?return_to={wanted.replace('&', '%26').replace('#', '%23')}")
    assert browser.get(browser.issuer.authorize(begun.location)).location == wanted


def test_P36_a_sign_in_begun_in_one_process_ends_in_another(browser: Browser) -> None:
    begun = browser.get("/auth/sign-in?return_to=/there")
    browser.core = Core(browser.issuer.config, clock=browser.issuer.clock)
    assert browser.get(browser.issuer.authorize(begun.location)).location == "/there"
    assert browser.session() is not None


def test_J42_a_new_password_still_opens_and_a_refresh_goes_to_the_same_organization(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(organization_id="org_1", expires_in=-1))
    (former,) = browser.issuer.config.cookie_passwords
    passwords = ("another password, of the new release, long enough", former)
    browser.core.restart(config=replace(browser.issuer.config, cookie_passwords=passwords))
    session = browser.session()
    assert session is not None
    assert session.organization_id == "org_1"
    (asked,) = browser.issuer.requests_to("authenticate")
    assert json.loads(asked.body)["organization_id"] == "org_1"


def test_J44_a_refresh_under_way_brings_no_session_back_that_was_signed_out(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(expires_in=-1))
    late = browser.visit()
    assert browser.run(late.load()) is not None  # refreshed, and not answered yet
    browser.post("/auth/sign-out")
    browser.keep(late.headers())
    assert browser.jar == {}


def test_J44_nor_does_a_cookie_that_arrives_after_the_sign_out(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies())
    kept = dict(browser.jar)
    assert browser.session() is not None
    browser.post("/auth/sign-out")
    browser.jar.update(kept)
    visit = browser.visit()
    assert browser.run(visit.load(), no_network) is None
    assert visit.reason is SignedOut.REFUSED
    browser.keep(visit.headers())
    assert browser.jar == {}


def test_J44_others_stay_and_after_ten_minutes_it_is_forgotten(browser: Browser) -> None:
    friend = Browser(browser.issuer, browser.core, jar=browser.issuer.cookies())
    browser.jar.update(browser.issuer.cookies())
    session, ended = browser.session(), browser.core.sessions.ended
    assert session is not None
    browser.post("/auth/sign-out")
    assert friend.session() is not None
    clock = browser.issuer.clock
    assert isinstance(clock, Clock)
    clock.advance(seconds=599)
    assert session.id in ended
    clock.advance(seconds=1)
    assert session.id not in ended


def test_the_memory_of_ended_sessions_has_an_end_itself() -> None:
    ended = EndedSessions(Clock(NOON))
    for number in range(MOST + 1):
        ended.add(f"session_{number}")
    assert "session_0" not in ended
    assert f"session_{MOST}" in ended
