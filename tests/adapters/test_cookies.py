"""What leaves with a response: exactly one final session cookie, on every kind of answer."""

import secrets
from dataclasses import replace

import pytest

from tests.adapters.conftest import Build
from tests.adapters.rigs import FETCH, NAVIGATE, Answer, Rig
from vestibule.crypto.seal import unseal
from vestibule.session.payload import Payload
from vestibule.testing import TestIssuer, sign_in

NO_STORE = "private, no-store"


def sealed(rig: Rig, answer: Answer) -> Payload:
    (line,) = answer.session_cookies()
    value = line.removeprefix("wos-session=").partition(";")[0]
    payload = Payload.read(unseal(value, rig.issuer.config.cookie_passwords))
    assert payload is not None
    return payload


@pytest.mark.parametrize(
    ("path", "status"),
    [("/", 200), ("/me", 200), ("/away", 302), ("/teapot", 418), ("/boom", 500), ("/invoices", 403)],
    ids=["success", "guarded", "redirect", "handled-error", "crash", "forbidden"],
)
@pytest.mark.parametrize("headers", [FETCH, NAVIGATE], ids=["lazy", "eager"])
def test_a_refresh_reaches_the_browser(rig: Rig, path: str, status: int, headers: dict[str, str]) -> None:
    sign_in(rig.client, auth=rig.auth, email="ada@example.com", expires_in=-1)
    answer = rig.get(path, headers)
    assert answer.status == status
    assert sealed(rig, answer).user.email == "ada@example.com"
    assert (answer["Cache-Control"], answer["Vary"]) == (NO_STORE, "Cookie")
    assert len(rig.issuer.requests_to("authenticate")) == 1
    assert rig.get("/me").status == 200
    assert len(rig.issuer.requests_to("authenticate")) == 1


def test_an_eager_refresh_reaches_the_browser_from_a_page_that_asks_nobody(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth, expires_in=-1)
    answer = rig.open("/public")
    assert sealed(rig, answer)
    assert answer["Cache-Control"] == NO_STORE
    assert {name.strip() for name in answer["Vary"].split(",")} == {"Accept", "Cookie"}


def test_a_page_that_asks_nobody_refreshes_nothing_for_a_program(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth, expires_in=-1)
    answer = rig.get("/public")
    assert answer.set_cookies == []
    assert rig.issuer.requests == []


@pytest.mark.parametrize("headers", [FETCH, NAVIGATE], ids=["fetch", "navigate"])
def test_a_page_without_a_session_stays_cacheable(rig: Rig, headers: dict[str, str]) -> None:
    sign_in(rig.client, auth=rig.auth)
    answer = rig.get("/public", headers)
    assert (answer["Cache-Control"], answer["Vary"]) == ("public, max-age=60", "Accept")


def test_a_page_that_read_the_session_is_never_cached(rig: Rig) -> None:
    answer = rig.get("/")
    assert (answer["Cache-Control"], answer["Vary"]) == (NO_STORE, "Cookie")
    assert rig.get("/me")["Cache-Control"] == NO_STORE


def test_a_token_near_its_end_is_refreshed_ahead_of_time(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth, expires_in=20)
    assert sealed(rig, rig.get("/me"))


def test_a_session_survives_its_access_tokens(rig: Rig) -> None:
    rig.follow_sign_in(email="ada@example.com", organization_id="org_1")
    for _ in range(3):
        rig.clock.advance(minutes=6)
        answer = rig.open("/me")
        assert answer.json == {"email": "ada@example.com", "organization_id": "org_1"}
    assert len(rig.issuer.requests_to("authenticate")) == 4


def test_E1_a_switch_in_the_handler_beats_the_refresh_before_it(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth, organization_id="org_1", expires_in=-1)
    answer = rig.post("/switch?to=org_2")
    assert answer.json == {"organization_id": "org_2"}
    payload = sealed(rig, answer)
    assert len(rig.issuer.requests_to("authenticate")) == 2
    assert rig.get("/me").json["organization_id"] == "org_2"
    assert payload.refresh_token


def test_a_switch_that_is_refused_answers_with_the_reason_and_changes_nothing(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth, organization_id="org_1")
    rig.issuer.refuse("organization_membership_not_found")
    answer = rig.post("/switch?to=org_9")
    assert 400 <= answer.status < 500
    assert answer.session_cookies() == []
    assert rig.get("/me").json["organization_id"] == "org_1"


@pytest.mark.parametrize("expires_in", [20, 200], ids=["due", "fresh"])
def test_a_stream_refreshes_nothing_once_it_has_started(rig: Rig, expires_in: int) -> None:
    sign_in(rig.client, auth=rig.auth, email="ada@example.com", expires_in=expires_in)
    answer = rig.get("/stream")
    assert answer.text == "started ada@example.com"
    assert answer.set_cookies == []
    assert rig.issuer.requests_to("authenticate") == []


def test_a_stream_with_an_expired_token_serves_nobody_and_spends_no_refresh_token(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth, expires_in=-1)
    assert rig.get("/stream").text == "started nobody"
    assert rig.issuer.requests_to("authenticate") == []
    assert rig.get("/me").status == 200


def test_a_page_that_streams_is_refreshed_before_it_starts(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth, email="ada@example.com", expires_in=-1)
    answer = rig.open("/stream")
    assert answer.text == "started ada@example.com"
    assert sealed(rig, answer)


def test_a_refused_refresh_signs_out_and_clears_the_cookie(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth, expires_in=-1)
    rig.issuer.end_sessions()
    answer = rig.get("/me")
    assert answer.status == 401
    assert answer.json["error"]["reason"] == "refused"
    (line,) = answer.session_cookies()
    assert "Max-Age=0" in line
    assert rig.get("/me").json["error"]["reason"] == "no_cookie"


# --- outage ---


@pytest.mark.parametrize("fault", ["drop", "500", "429"])
@pytest.mark.parametrize("headers", [FETCH, NAVIGATE], ids=["fetch", "navigate"])
def test_an_outage_is_a_503_and_signs_nobody_out(rig: Rig, fault: str, headers: dict[str, str]) -> None:
    sign_in(rig.client, auth=rig.auth, expires_in=-1)
    if fault == "drop":
        rig.issuer.drop(only=rig.issuer.TOKENS)
    else:
        rig.issuer.fail(int(fault), only=rig.issuer.TOKENS)
    answer = rig.get("/me", headers)
    assert answer.status == 503
    assert int(answer["Retry-After"]) > 0
    assert answer.set_cookies == []
    assert "unreachable" in answer.text
    rig.issuer.recover()
    assert rig.get("/me").status == 200


@pytest.mark.parametrize("path", ["/auth/session", "/both"])
def test_an_outage_is_a_503_on_every_kind_of_route(rig: Rig, path: str) -> None:
    sign_in(rig.client, auth=rig.auth, expires_in=-1)
    rig.issuer.drop()
    answer = rig.get(path)
    assert (answer.status, answer.set_cookies) == (503, [])


def test_an_outage_of_the_key_set_cannot_tell_and_so_signs_nobody_out(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth)
    rig.issuer.drop(only=rig.issuer.KEYS)
    answer = rig.get("/me")
    assert (answer.status, answer.set_cookies) == (503, [])
    rig.issuer.recover()
    assert rig.get("/me").status == 200
    assert rig.issuer.requests_to("authenticate") == []


def test_an_outage_does_not_close_the_pages_that_need_nobody(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth, expires_in=-1)
    rig.issuer.drop()
    answer = rig.open("/public")
    assert (answer.status, answer.set_cookies) == (200, [])


def test_an_outage_is_met_once_per_request(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth, expires_in=-1)
    rig.issuer.drop()
    before = len(rig.issuer.requests)
    rig.open("/me")
    assert len(rig.issuer.requests) == before + 1


def test_an_early_refresh_that_fails_serves_the_valid_session(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth, expires_in=20)
    rig.issuer.fail(503, only=rig.issuer.TOKENS)
    answer = rig.get("/me")
    assert (answer.status, answer.set_cookies) == (200, [])


# --- attributes ---


def test_cookies_follow_the_settings(make: Build) -> None:
    rig = make(
        settings={
            "redirect_uri": "https://app.example.com/auth/callback",
            "cookie_name": "session",
            "cookie_domain": "example.com",
            "cookie_same_site": "none",
            "cookie_max_age": 3600,
        }
    )
    host = {**FETCH, "Host": "app.example.com"}
    cookie = "; ".join(f"{name}={value}" for name, value in rig.issuer.cookies(expires_in=-1).items())
    (line,) = rig.get("/me", {**host, "Cookie": cookie}).session_cookies("session")
    for attribute in ("Domain=example.com", "Secure", "HttpOnly", "SameSite=None", "Max-Age=3600", "Path=/"):
        assert attribute in line


def test_a_changed_password_is_taken_over_with_the_next_response(make: Build) -> None:
    old, new = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    rig = make(settings={"cookie_passwords": (new, old)})
    before = TestIssuer(replace(rig.issuer.config, cookie_passwords=(old,)), clock=rig.clock)
    (cookie,) = before.cookies(email="ada@example.com").values()
    answer = rig.get("/me", {**FETCH, "Cookie": f"wos-session={cookie}"})
    assert answer.json["email"] == "ada@example.com"
    (line,) = answer.session_cookies()
    assert unseal(line.removeprefix("wos-session=").partition(";")[0], new)


def test_duplicate_cookies_are_tried_in_turn(rig: Rig) -> None:
    (cookie,) = rig.issuer.cookies().values()
    answer = rig.get("/me", {**FETCH, "Cookie": f"wos-session=stale; wos-session={cookie}"})
    assert answer.status == 200


def test_a_verifier_cookie_of_each_flow_and_never_more_than_five(rig: Rig) -> None:
    names = set()
    for _ in range(12):
        begun = rig.open("/auth/sign-in")
        names |= {line.partition("=")[0] for line in begun.set_cookies if "Max-Age=600" in line}
    assert len(names) == 12
    held = [name for name in cookie_names(rig) if name.startswith("wos-auth-verifier-")]
    assert len(held) <= 5
    assert rig.follow_sign_in().status == 303


def test_PS_6_three_tabs_finish_in_reverse_order(rig: Rig) -> None:
    begun = [rig.open(f"/auth/sign-in?return_to=/{tab}").location for tab in "abc"]
    for tab, location in zip("cba", reversed(begun), strict=True):
        callback = rig.issuer.authorize(location).removeprefix("http://localhost")
        answer = rig.open(callback)
        assert (answer.status, answer.location) == (303, f"/{tab}")


def cookie_names(rig: Rig) -> list[str]:
    if rig.name == "flask":
        return [cookie.key for cookie in rig.client._cookies.values()]
    if rig.name.startswith("django"):
        return list(rig.client.cookies)
    return [cookie.name for cookie in rig.client.cookies.jar]
