import logging

import pytest

from tests.session.browser import Browser, open_browser
from vestibule.session import events
from vestibule.session.events import Event, Journal


def test_an_event_is_logged_at_once_and_delivered_later(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[Event] = []
    journal = Journal(seen.append)
    with caplog.at_level(logging.INFO, "vestibule"):
        journal.record(events.SIGNED_IN, user_id="user_1", organization_id=None)
    assert seen == []
    assert [(each.levelname, each.message) for each in caplog.records] == [
        ("INFO", "session.signed_in user_id=user_1")
    ]
    journal.deliver()
    assert seen == [Event("session.signed_in", {"user_id": "user_1"})]


def test_a_failure_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    Journal().record(events.SIGN_IN_FAILED, reason="state_mismatch")
    assert caplog.records[0].levelname == "WARNING"


def test_a_hook_that_raises_harms_no_request(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[str] = []

    def hook(event: Event) -> None:
        seen.append(event.code)
        raise RuntimeError("the app's own bug")

    journal = Journal(hook)
    journal.record(events.SIGNED_IN)
    journal.record(events.SIGNED_OUT)
    journal.deliver()
    assert seen == [events.SIGNED_IN, events.SIGNED_OUT]
    assert "on_event failed on session.signed_in" in caplog.text


def test_LG_3_a_line_break_in_foreign_text_makes_no_second_line_in_the_log(
    browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    browser.jar.update(browser.issuer.cookies(expires_in=-1))
    browser.issuer.refuse("invalid_grant\nINFO forged line")
    browser.get("/page")
    assert len(caplog.text.splitlines()) == 1


def test_LG_1_no_secret_reaches_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    browser = open_browser()
    secrets: list[str] = [*browser.issuer.config.cookie_passwords, str(browser.issuer.config.api_key)]
    begun = browser.get("/auth/sign-in")
    url = browser.issuer.authorize(begun.location)
    secrets += [
        begun.query["state"],
        begun.query["code_challenge"],
        url.partition("code=")[2].partition("&")[0],
    ]
    browser.get(url)
    session = browser.session()
    assert session is not None
    secrets += [session.access_token, session.payload.refresh_token, browser.jar["wos-session"]]
    browser.issuer.refuse("invalid_grant")
    browser.post("/auth/organization", "organization_id=org_2")
    browser.issuer.fail(503)
    browser.post("/auth/organization", "organization_id=org_3")
    browser.issuer.recover()
    browser.get(url.replace("code=", "code=x"))
    browser.post("/auth/sign-out")
    assert caplog.text
    for secret in secrets:
        assert secret
        assert secret not in caplog.text
