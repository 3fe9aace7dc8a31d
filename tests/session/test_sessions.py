"""From the cookie to a session that is valid now: what refreshes, what ends, what is left alone."""

import json
import secrets
from dataclasses import replace

import pytest

from tests.session.browser import NOON, Browser, another, no_network, open_browser
from vestibule.crypto.seal import seal, unseal
from vestibule.errors import Refused, Unreachable
from vestibule.flow import HttpRequest, HttpResponse
from vestibule.session.model import SignedOut
from vestibule.session.sessions import Sessions
from vestibule.testing import Clock
from vestibule.wire.paths import jwks_path


def opened(browser: Browser) -> dict[str, object]:
    payload = unseal(browser.jar["wos-session"], browser.issuer.config.cookie_passwords)
    assert isinstance(payload, dict)
    return payload


def body_of(request: HttpRequest) -> dict[str, str]:
    body = json.loads(request.body)
    assert isinstance(body, dict)
    return body


def clock_of(browser: Browser) -> Clock:
    assert isinstance(browser.issuer.clock, Clock)
    return browser.issuer.clock


def test_a_valid_session_asks_the_network_for_nothing_but_keys(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(permissions=["a"], organization_id="org_1"))
    visit = browser.visit()
    session = browser.run(visit.load())
    assert session is not None
    assert (session.organization_id, session.permissions) == ("org_1", {"a"})
    assert [request.url for request in browser.issuer.requests] == [
        "https://id.example.com/sso/jwks/client_test"
    ]
    assert browser.run(visit.load(), no_network) is session
    assert browser.run(browser.visit().load(), no_network) == session


def test_without_a_cookie_there_is_a_reason_and_no_request(browser: Browser) -> None:
    visit = browser.visit()
    assert browser.run(visit.load(), no_network) is None
    assert visit.reason is SignedOut.NO_COOKIE


def test_a_token_that_ran_out_is_refreshed_in_its_organization(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(organization_id="org_1", expires_in=-1))
    before = opened(browser)
    answer = browser.get("/page")
    assert answer.status == 200
    assert len(answer.set_cookies) == 1
    refresh = body_of(browser.issuer.requests_to("authenticate")[0])
    assert refresh["refresh_token"] == before["refreshToken"]
    assert refresh["organization_id"] == "org_1"
    assert opened(browser)["refreshToken"] != before["refreshToken"]
    assert list(opened(browser)) == ["accessToken", "refreshToken", "user", "authenticationMethod"]
    assert browser.codes == ["session.refreshed"]
    assert browser.get("/page").set_cookies == []


@pytest.mark.parametrize(
    ("lifetime", "left", "settings", "refreshes"),
    [
        (300, 30, {}, True),
        (300, 31, {}, False),
        (600, 60, {}, True),
        (600, 61, {}, False),
        (40, 20, {}, True),
        (40, 21, {}, False),
        (600, 300, {"refresh_buffer": 300}, True),
        (600, 1, {"refresh_buffer": 0}, False),
    ],
)
def test_a_token_about_to_run_out_is_refreshed_ahead(
    lifetime: int, left: int, settings: dict[str, object], refreshes: bool
) -> None:
    browser = open_browser(**settings)
    browser.issuer.lifetime = lifetime
    browser.jar.update(browser.issuer.cookies())
    clock_of(browser).advance(seconds=lifetime - left)
    assert bool(browser.get("/page").set_cookies) is refreshes


@pytest.mark.parametrize("trouble", ["refuse", "drop", "fail"])
def test_an_early_refresh_that_fails_serves_the_current_token_and_leaves_the_cookie(
    browser: Browser, trouble: str
) -> None:
    browser.jar.update(browser.issuer.cookies(expires_in=20))
    before = dict(browser.jar)
    _break(browser, trouble)
    answer = browser.get("/page")
    assert (answer.status, answer.set_cookies, browser.jar) == (200, [], before)
    assert browser.codes == ["session.refresh_failed"]


def test_during_an_outage_early_refreshes_pause(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(expires_in=20))
    browser.issuer.drop(only=browser.issuer.TOKENS)
    for _ in range(3):
        assert browser.get("/page").status == 200
    assert len(browser.issuer.requests_to("authenticate")) == 1
    browser.issuer.recover()
    clock_of(browser).advance(seconds=10)
    assert len(browser.get("/page").set_cookies) == 1


@pytest.mark.parametrize(("trouble", "status"), [("refuse", 303), ("drop", 503)])
def test_a_token_that_ran_out_during_a_failed_early_refresh_is_not_served(
    browser: Browser, trouble: str, status: int
) -> None:
    browser.jar.update(browser.issuer.cookies(expires_in=20))
    _break(browser, trouble)

    def slow(request: HttpRequest) -> HttpResponse:
        if "authenticate" in request.url:
            clock_of(browser).advance(seconds=21)
        return browser.issuer.send(request)

    visit = browser.visit()
    flow = browser.core.guard(visit)
    if status == 503:
        with pytest.raises(Unreachable):
            browser.run(flow, slow)
    else:
        assert browser.run(flow, slow) is not None
        assert visit.reason is SignedOut.REFUSED


def test_an_outage_at_expiry_is_503_and_signs_nobody_out(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(expires_in=-1))
    before = dict(browser.jar)
    browser.issuer.fail(503, only=browser.issuer.TOKENS, retry_after=7)
    answer = browser.get("/page")
    assert (answer.status, answer.header("retry-after"), answer.set_cookies) == (503, "7", [])
    assert browser.jar == before
    browser.issuer.recover()
    assert browser.get("/page").status == 200


def test_a_key_set_that_cannot_be_fetched_is_cannot_tell_and_refreshes_nothing(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(expires_in=-1))
    browser.issuer.fail(500, only=browser.issuer.KEYS)
    answer = browser.fetch("/page")
    assert (answer.status, answer.set_cookies) == (503, [])
    assert browser.issuer.requests_to("authenticate") == []


def test_a_refusal_signs_out_with_a_reason_and_deletes_the_cookie(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(expires_in=-1))
    browser.issuer.end_sessions()
    answer = browser.fetch("/page")
    assert answer.status == 401
    assert json.loads(answer.body)["error"]["reason"] == "refused"
    assert answer.set_cookies == ["wos-session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"]
    assert "wos-session" not in browser.jar
    assert browser.events[0].data["reason"] == "invalid_grant"
    assert browser.events[0].data["transient"] is False


@pytest.mark.parametrize("expires_in", [300, -1], ids=["valid", "expired"])
def test_a_user_that_is_not_the_token_s_is_signed_out_unasked(browser: Browser, expires_in: int) -> None:
    browser.jar.update(browser.issuer.cookies(expires_in=expires_in))
    payload = opened(browser)
    payload["user"] = {**payload["user"], "id": "user_SOMEBODY_ELSE"}  # type: ignore[dict-item]
    assert browser.session() is not None  # the key set is known from here on
    browser.jar["wos-session"] = seal(payload, browser.issuer.config.cookie_passwords[0])
    visit = browser.visit()
    assert browser.run(visit.load(), no_network) is None
    assert visit.reason is SignedOut.BAD_COOKIE
    assert visit.headers()[0][0] != "Set-Cookie"


@pytest.mark.parametrize(
    ("claims", "error"),
    [
        ({"sub": "user_SOMEBODY_ELSE"}, "token_of_another_session"),
        ({"sid": "session_SOMETHING_ELSE"}, "token_of_another_session"),
        ({"iss": "https://id.example.com.evil"}, "token_issuer"),
        ({"aud": "client_other"}, "token_audience"),
        ({"exp": int(NOON) - 5}, "token_expired"),
    ],
)
def test_a_new_token_is_verified_before_it_is_sealed(
    browser: Browser, claims: dict[str, object], error: str
) -> None:
    browser.jar.update(browser.issuer.cookies(expires_in=-1))
    issuer = browser.issuer

    def forging(request: HttpRequest) -> HttpResponse:
        response = issuer.send(request)
        if "authenticate" not in request.url:
            return response
        body = json.loads(response.body)
        grant = issuer._refresh_tokens[body["refresh_token"]]
        body["access_token"] = issuer.access_token(replace(grant, more=claims))
        return HttpResponse(200, json.dumps(body).encode())

    visit = browser.visit()
    assert browser.run(visit.load(), forging) is None
    assert visit.reason is SignedOut.REFUSED
    visit.headers()
    assert browser.events[0].data["reason"] == error


def test_a_key_that_replaced_another_at_once_signs_nobody_out(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies())
    assert browser.session() is not None  # the key set was fetched a moment ago
    for _ in range(3):
        browser.jar.update(browser.issuer.cookies(expires_in=-1))
        browser.issuer.rotate_key()
        assert browser.session() is not None


def test_a_key_set_that_lags_behind_the_token_endpoint_signs_nobody_out(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(expires_in=-1))
    config = browser.issuer.config
    late = browser.issuer.send(HttpRequest("GET", config.url + jwks_path(config.client_id)))
    assert late.status == 200
    browser.issuer.rotate_key()

    def lagging(request: HttpRequest) -> HttpResponse:
        return late if "jwks" in request.url else browser.issuer.send(request)

    before, visit = dict(browser.jar), browser.visit()
    with pytest.raises(Unreachable):
        browser.run(visit.load(), lagging)
    assert visit.headers()[0][0] != "Set-Cookie"
    assert browser.jar == before


def test_an_answer_about_somebody_else_is_not_sealed(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(expires_in=-1))

    def mixing(request: HttpRequest) -> HttpResponse:
        response = browser.issuer.send(request)
        if "authenticate" in request.url:
            body = json.loads(response.body)
            body["user"]["id"] = "user_SOMEBODY_ELSE"
            return HttpResponse(200, json.dumps(body).encode())
        return response

    visit = browser.visit()
    assert browser.run(visit.load(), mixing) is None
    assert visit.reason is SignedOut.REFUSED


def test_an_access_token_that_is_none_is_refreshed(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies())
    payload = {**opened(browser), "accessToken": "opaque"}
    browser.jar["wos-session"] = seal(payload, browser.issuer.config.cookie_passwords[0])
    assert browser.session() is not None
    assert "organization_id" not in body_of(browser.issuer.requests_to("authenticate")[0])


def test_a_token_of_a_key_retired_long_ago_is_refreshed(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(expires_in=-1, organization_id="org_1"))
    browser.issuer.rotate_key()
    session = browser.session()
    assert session is not None
    assert session.organization_id == "org_1"


def test_user_and_impersonator_come_from_the_answer(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(impersonator="admin@example.com", user={"first_name": "Ada"}))
    session = browser.session()
    assert session is not None
    assert session.impersonator is not None
    assert session.impersonator.email == "admin@example.com"
    assert session.user.first_name == "Ada"


def test_a_previous_password_opens_and_the_next_response_seals_anew() -> None:
    old, new = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    browser = open_browser(cookie_passwords=(old,))
    browser.jar.update(browser.issuer.cookies())
    before = opened(browser)
    rotated = another(browser, replace(browser.issuer.config, cookie_passwords=(new, old)))
    answer = rotated.get("/page")
    assert (answer.status, len(answer.set_cookies)) == (200, 1)
    assert unseal(rotated.jar["wos-session"], new) == before
    assert rotated.get("/page").set_cookies == []


def test_of_several_cookies_of_one_name_the_first_usable_counts(browser: Browser) -> None:
    good = browser.issuer.cookies()["wos-session"]
    stranger = seal({"hello": "world"}, browser.issuer.config.cookie_passwords[0])
    header = f"wos-session=; wos-session=rubbish; wos-session={stranger}; other=1; wos-session={good}"
    visit = browser.visit(headers={"cookie": header})
    assert browser.run(visit.load()) is not None


@pytest.mark.parametrize(("age", "signed_in"), [(3600, True), (3601, False)])
def test_CK_4_a_session_past_the_absolute_limit_is_refused_and_cleared(age: int, signed_in: bool) -> None:
    browser = open_browser(session_max_age=3600)
    browser.jar.update(browser.issuer.cookies(authenticated_at=NOON - age, expires_in=-1))
    visit = browser.visit()
    assert (browser.run(visit.load()) is not None) is signed_in
    assert visit.reason is (None if signed_in else SignedOut.EXPIRED)
    browser.keep(visit.headers())
    assert ("wos-session" in browser.jar) is signed_in
    if not signed_in:
        assert browser.issuer.requests_to("authenticate") == []


def test_loading_needs_no_visit(browser: Browser) -> None:
    sessions = Sessions(browser.issuer.config, clock=browser.issuer.clock)
    loaded = browser.run(sessions.load(browser.issuer.cookies(expires_in=-1).items()))
    assert loaded.session is not None
    assert loaded.reason is None
    assert [cookie.name for cookie in loaded.cookies] == ["wos-session"]


def test_a_flow_can_be_driven_by_hand(browser: Browser) -> None:
    sessions = Sessions(browser.issuer.config, clock=browser.issuer.clock)
    flow = sessions.load(browser.issuer.cookies(expires_in=-1).items())
    keys = next(flow)
    refresh = flow.send(browser.issuer.send(keys))
    assert refresh.url.endswith("/user_management/authenticate")
    with pytest.raises(Unreachable):
        flow.send(HttpResponse(503))


def test_auth_time_beyond_any_calendar_is_no_time(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(claims={"auth_time": 10**18}))
    session = browser.session()
    assert session is not None
    assert session.authenticated_at is None


def test_no_token_shows_in_the_repr_of_a_session(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies())
    payload, session = opened(browser), browser.session()
    assert str(payload["accessToken"]) not in repr(session)
    assert str(payload["refreshToken"]) not in repr(session)


def test_a_refused_organization_switch_leaves_the_session_alone(browser: Browser) -> None:
    browser.jar.update(browser.issuer.cookies(organization_id="org_1"))
    before = dict(browser.jar)
    browser.issuer.refuse("organization_membership_not_found")
    visit = browser.visit()
    with pytest.raises(Refused, match="organization_membership"):
        browser.run(visit.refresh(organization_id="org_2"))
    browser.keep(visit.headers())
    assert browser.jar == before


def _break(browser: Browser, trouble: str) -> None:
    issuer = browser.issuer
    if trouble == "refuse":
        issuer.refuse("invalid_grant", times=None)
    elif trouble == "drop":
        issuer.drop(only=issuer.TOKENS)
    else:
        issuer.fail(429, only=issuer.TOKENS)
