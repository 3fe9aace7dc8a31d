"""One request, one session, one final cookie."""

import pytest

from tests.session.browser import Browser, no_network, open_browser
from vestibule.crypto.seal import unseal
from vestibule.errors import ConfigError, Refused, Unreachable
from vestibule.session.model import SignedOut
from vestibule.session.visit import Visit
from vestibule.wire.tokens import TokenAnswer


def cookies_of(visit: Visit) -> list[str]:
    return [value for name, value in visit.headers() if name == "Set-Cookie"]


def test_a_request_that_never_asked_for_the_session_stays_cacheable(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies())
    assert browser.visit().headers() == []


def test_reading_the_session_makes_the_response_private(browser: Browser) -> None:
    visit = browser.visit()
    browser.run(visit.load())
    assert visit.headers() == [("Cache-Control", "private, no-store"), ("Vary", "Cookie")]


def test_loading_ahead_of_the_app_leaves_a_public_page_cacheable(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies())
    visit = browser.visit()
    browser.run(visit.preload())
    assert (visit.headers(), visit.pending) == ([], False)
    assert browser.run(visit.load(), no_network) is not None
    browser.run(visit.preload(), no_network)


def test_loading_ahead_that_refreshes_lets_the_cookie_leave(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(expires_in=-1))
    visit = browser.visit()
    browser.run(visit.preload())
    assert visit.pending
    assert visit.headers()[1:] == [("Cache-Control", "private, no-store"), ("Vary", "Cookie")]


def test_an_outage_met_ahead_is_told_to_whoever_asks_without_asking_again(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(expires_in=-1))
    browser.issuer.drop()
    visit = browser.visit()
    browser.run(visit.preload())
    browser.run(visit.preload(), no_network)
    with pytest.raises(Unreachable):
        browser.run(visit.load(), no_network)


def test_the_last_change_of_the_session_is_the_only_cookie(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(organization_id="org_1", expires_in=-1))
    visit = browser.visit()
    browser.run(visit.load())
    switched = browser.run(visit.refresh(organization_id="org_2"))
    assert switched.organization_id == "org_2"
    session = browser.run(visit.load(), no_network)
    assert session is switched
    assert len(cookies_of(visit)) == 1
    browser.keep(visit.headers())
    payload = unseal(browser.jar["wos-session"], browser.issuer.config.cookie_passwords)
    assert isinstance(payload, dict)
    assert payload["accessToken"] == switched.access_token


def test_sign_out_beats_a_refresh_of_the_same_request(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(expires_in=-1))
    visit = browser.visit()
    session = browser.run(visit.load())
    assert session is not None
    assert f"session_id={session.id}" in visit.end()
    assert cookies_of(visit) == ["wos-session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"]
    assert browser.run(visit.load(), no_network) is None
    assert visit.reason is SignedOut.NO_COOKIE


def test_sign_out_beats_a_refresh_that_is_still_under_way(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies())
    browser.session()
    visit = browser.visit()
    flow = visit.refresh()
    request = next(flow)
    visit.end()
    with pytest.raises(StopIteration):
        flow.send(browser.issuer.send(request))
    assert "Max-Age=0" in cookies_of(visit)[0]


def test_sign_out_beats_a_load_that_is_still_under_way(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(expires_in=-1))
    browser.session()
    browser.jar.update(browser.issuer.cookies(expires_in=-1))
    visit = browser.visit()
    flow = visit.load()
    request = next(flow)
    visit.end()
    with pytest.raises(StopIteration) as stopped:
        flow.send(browser.issuer.send(request))
    assert stopped.value.value is None
    assert "Max-Age=0" in cookies_of(visit)[0]


def test_sign_out_beats_a_sign_in_of_the_same_request(browser: Browser) -> None:
    begun = browser.get("/auth/sign-in")
    visit = browser.visit(url=browser.issuer.authorize(begun.location))
    sign_in = browser.run(visit.finish())
    visit.end()
    visit.commit(sign_in)
    assert "Max-Age=0" in cookies_of(visit)[0]
    assert "session.signed_in" not in browser.codes


def test_no_refresh_begins_once_the_response_has_started(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies())
    browser.session()
    valid = browser.visit()
    valid.started()
    assert browser.run(valid.load(), no_network) is not None
    with pytest.raises(Refused) as caught:
        browser.run(valid.refresh(), no_network)
    assert caught.value.error == "too_late"

    browser.jar.update(browser.issuer.cookies(expires_in=-1))
    expired = browser.visit()
    expired.started()
    assert browser.run(expired.load(), no_network) is None
    assert expired.reason is SignedOut.EXPIRED
    assert cookies_of(expired) == []


def test_a_token_about_to_run_out_is_served_once_the_response_has_started(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(expires_in=20))
    visit = browser.visit()
    visit.started()
    assert browser.run(visit.load()) is not None
    assert browser.issuer.requests_to("authenticate") == []


def test_there_is_nothing_to_refresh_when_signed_out(browser: Browser) -> None:
    with pytest.raises(Refused) as caught:
        browser.run(browser.visit().refresh(), no_network)
    assert (caught.value.error, caught.value.status) == ("signed_out", 401)


@pytest.mark.parametrize(
    ("return_to", "query"),
    [
        (None, ""),
        ("/bye?x=1", "&return_to=http%3A%2F%2Ftestserver%2Fbye%3Fx%3D1"),
        ("https://www.example.com/bye", "&return_to=https%3A%2F%2Fwww.example.com%2Fbye"),
        ("http://testserver/bye", "&return_to=http%3A%2F%2Ftestserver%2Fbye"),
        ("https://evil.example/", ""),
        ("//evil.example/x", "&return_to=http%3A%2F%2Ftestserver%2Fx"),
        ("javascript:alert(1)", ""),
        ("https://www.example.com/stra\u00dfe", ""),
    ],
)
def test_sign_out_goes_on_where_the_settings_allow(return_to: str | None, query: str) -> None:
    browser = open_browser(trusted_origins=("https://www.example.com",))
    browser.jar.update(browser.issuer.cookies())
    url = browser.visit().end(return_to=return_to)
    head, _, tail = url.partition("&")
    assert head.startswith("https://id.example.com/user_management/sessions/logout?session_id=session_")
    assert (f"&{tail}" if tail else "") == query


@pytest.mark.parametrize(
    ("return_to", "target"),
    [(None, "/start"), ("/bye", "/bye"), ("https://evil.example/", "/start"), ("\\\\evil.example", "/start")],
)
def test_LO_2_signing_out_without_a_session_stays_on_this_site(return_to: str | None, target: str) -> None:
    assert open_browser(home="/start").visit().end(return_to=return_to) == target


def test_an_expired_session_can_be_ended_without_asking_anybody(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(expires_in=-100))
    assert "session_id=session_" in browser.visit().end()
    assert browser.issuer.requests == []


def test_a_host_cookie_from_before_the_domain_was_set_is_deleted_too() -> None:
    browser = open_browser(redirect_uri="https://app.example.com/auth/callback", cookie_domain="example.com")
    sealed = browser.issuer.cookies()["wos-session"]
    visit = browser.visit(headers={"cookie": f"wos-session={sealed}; wos-session={sealed}"})
    visit.end()
    assert cookies_of(visit) == [
        "wos-session=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax",
        "wos-session=; Path=/; Domain=example.com; Max-Age=0; HttpOnly; Secure; SameSite=Lax",
    ]


def test_events_reach_the_app_once(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(expires_in=-1))
    visit = browser.visit()
    browser.run(visit.load())
    assert browser.events == []
    visit.headers()
    visit.headers()
    assert browser.codes == ["session.refreshed"]


def test_LO_1_a_cookie_copied_before_sign_out_cannot_be_refreshed(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(expires_in=-1))
    stolen = dict(browser.jar)
    browser.post("/auth/sign-out")
    browser.issuer.end_sessions()
    browser.jar.update(stolen)
    assert browser.fetch("/page").status == 401


def test_nobody_is_signed_in_once_the_response_has_started(browser: Browser) -> None:
    grant = browser.issuer._grant("ada@example.com", {})
    answer = {
        "user": grant.user.to_api(),
        "access_token": browser.issuer.access_token(grant),
        "refresh_token": browser.issuer.refresh_token(grant),
    }
    visit = browser.visit()
    visit.started()
    with pytest.raises(Refused) as caught:
        browser.run(visit.save(answer))
    assert caught.value.error == "too_late"
    assert browser.codes == []


def test_what_an_sdk_answered_may_come_as_a_value(browser: Browser) -> None:
    grant = browser.issuer._grant("ada@example.com", {})
    answer = TokenAnswer(
        user=grant.user,
        access_token=browser.issuer.access_token(grant),
        refresh_token=browser.issuer.refresh_token(grant),
    )
    assert browser.run(browser.visit().save(answer)).user == grant.user


def test_a_sign_in_begun_in_this_very_response_is_forgotten_too(browser: Browser) -> None:
    visit = browser.visit()
    visit.begin()
    visit.forget_sign_ins()
    assert cookies_of(visit) == []


def test_code_that_cannot_wait_sees_what_was_loaded(browser: Browser) -> None:
    assert browser.visit().peek() is None
    browser.jar.update(browser.issuer.cookies(expires_in=-1))
    with pytest.raises(ConfigError) as caught:
        browser.visit().peek()
    assert caught.value.code == "session_not_loaded"
    visit = browser.visit()
    browser.run(visit.preload())
    assert visit.peek() is not None


def test_code_that_cannot_wait_learns_of_an_outage(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(expires_in=-1))
    browser.issuer.drop()
    visit = browser.visit()
    browser.run(visit.preload())
    with pytest.raises(Unreachable):
        visit.peek()


def test_an_app_without_protection_answers_itself(browser: Browser) -> None:
    assert browser.run(browser.core.protect(browser.visit())) is None
