from typing import Any

import pytest

from tests.vectors.reading import named, vectors
from vestibule.crypto.pkce import challenge_of
from vestibule.crypto.seal import seal
from vestibule.errors import ConfigError, LoginError
from vestibule.session.verifier import (
    Verifier,
    create_state,
    delete_verifier,
    open_state,
    verifier_cookie,
    verifier_name,
    verifiers_to_evict,
)

PASSWORD = "correct-horse-battery-staple-0123456789"
REDIRECT_URI = "https://app.example.com/api/auth/callback"
NOW = vectors()["clock_ms"]


def code_of(state: str | None, cookie: str | None, *, password: str = PASSWORD, now_ms: int = NOW) -> str:
    with pytest.raises(LoginError) as caught:
        open_state(state, cookie, password, now_ms=now_ms)
    assert caught.value.hint
    return caught.value.code


@pytest.mark.parametrize("vector", named("pkce_states"))
def test_states_are_read_as_authkit_session_does(vector: dict[str, Any]) -> None:
    state, now_ms = vector["sealed"], vector["now_ms"]
    assert verifier_name(state) == vector["cookie_name"]
    expected = vector["observed_authkit_session"].get("returned")
    if expected is None:
        code = code_of(state, state, now_ms=now_ms)
        assert code == ("state_expired" if "661s" in vector["id"] else "state_unreadable")
        return
    assert open_state(state, state, PASSWORD, now_ms=now_ms) == Verifier(
        nonce=expected["nonce"],
        code_verifier=expected["codeVerifier"],
        issued_at_ms=expected["issuedAt"],
        return_pathname=expected.get("returnPathname"),
        custom_state=expected.get("customState"),
        redirect_uri=expected.get("redirectUri"),
    )


def test_a_state_brings_back_what_was_put_in() -> None:
    pending = create_state(
        PASSWORD, now_ms=NOW, return_pathname="/a", custom_state="é", redirect_uri=REDIRECT_URI
    )
    verifier = open_state(pending.state, pending.state, PASSWORD, now_ms=NOW)
    assert challenge_of(verifier.code_verifier) == pending.challenge
    assert (verifier.return_pathname, verifier.custom_state) == ("/a", "é")
    assert (verifier.redirect_uri, verifier.issued_at_ms) == (REDIRECT_URI, NOW)


def test_reg_CVE_2025_68481_two_sign_ins_share_nothing() -> None:
    first, second = create_state(PASSWORD, now_ms=NOW), create_state(PASSWORD, now_ms=NOW)
    assert first.state != second.state
    assert first.challenge != second.challenge
    assert code_of(first.state, second.state) == "state_mismatch"


def test_reg_CVE_2025_68158_CVE_2026_41425_another_browser_cannot_finish_a_sign_in() -> None:
    state = create_state(PASSWORD, now_ms=NOW).state
    others = create_state(PASSWORD, now_ms=NOW).state
    assert code_of(state, None) == "verifier_cookie_missing"
    assert code_of(state, others) == "state_mismatch"


def test_the_checks_come_in_order() -> None:
    state = create_state(PASSWORD, now_ms=NOW).state
    assert code_of(None, state) == "state_missing"
    assert code_of("", state) == "state_missing"
    assert code_of(state, None) == "verifier_cookie_missing"
    assert code_of(state, "") == "verifier_cookie_missing"
    assert code_of("garbage", "other") == "state_mismatch"
    assert code_of("\ud800", "é") == "state_mismatch"
    assert code_of("garbage", "garbage") == "state_unreadable"
    assert code_of(state, state, password=PASSWORD[::-1]) == "state_unreadable"


@pytest.mark.parametrize(
    ("age_ms", "code"),
    [(600_001, "state_expired"), (660_000, "state_expired"), (-60_001, "state_expired")],
)
def test_a_state_lives_ten_minutes(age_ms: int, code: str) -> None:
    state = create_state(PASSWORD, now_ms=NOW).state
    assert code_of(state, state, now_ms=NOW + age_ms) == code


@pytest.mark.parametrize("age_ms", [600_000, 0, -60_000])
def test_a_state_is_good_to_the_last_millisecond(age_ms: int) -> None:
    state = create_state(PASSWORD, now_ms=NOW).state
    assert open_state(state, state, PASSWORD, now_ms=NOW + age_ms).issued_at_ms == NOW


GOOD = {"nonce": "n", "codeVerifier": "v", "issuedAt": NOW}


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        "text",
        {},
        {**GOOD, "nonce": 1},
        {**GOOD, "codeVerifier": None},
        {**GOOD, "issuedAt": str(NOW)},
        {**GOOD, "issuedAt": True},
        {**GOOD, "issuedAt": 10**400},
        {**GOOD, "returnPathname": None},
        {**GOOD, "customState": 1},
        {**GOOD, "redirectUri": []},
    ],
)
def test_a_sealed_value_of_another_shape_is_unreadable(payload: Any) -> None:
    state = seal(payload, PASSWORD)
    assert code_of(state, state) == "state_unreadable"


def test_CK_3_a_session_is_no_verifier() -> None:
    session = next(each for each in vectors()["seals"] if each["id"] == "session_basic_authkit_session")
    assert code_of(session["sealed"], session["sealed"]) == "state_unreadable"


@pytest.mark.parametrize("vector", vectors()["set_cookie"])
def test_verifier_cookie_lines(vector: dict[str, Any]) -> None:
    config = vector["config"]
    attributes = {
        "redirect_uri": config.get("redirectUri", REDIRECT_URI),
        "same_site": config.get("cookieSameSite", "lax"),
        "domain": config.get("cookieDomain"),
    }
    cookie = verifier_cookie("abc", **attributes)
    assert cookie.header() == vector["pkce_set"]
    assert cookie.deletion().header() == vector["pkce_clear"]
    assert delete_verifier(cookie.name, **attributes).header() == vector["pkce_clear"]


def test_strict_becomes_lax_or_the_cookie_would_not_come_back() -> None:
    assert verifier_cookie("abc", redirect_uri=REDIRECT_URI, same_site="Strict").same_site == "lax"


def test_an_unreadable_state_is_cleared_so_that_http_accepts_it() -> None:
    name = verifier_name("abc")
    assert not delete_verifier(name).secure
    assert delete_verifier(name, same_site="none").secure
    with pytest.raises(ConfigError):
        delete_verifier("wos-session")


@pytest.mark.parametrize("vector", vectors()["eviction"])
def test_eviction(vector: dict[str, Any]) -> None:
    evicted = verifiers_to_evict(vector["request_cookie_names"], keep=vector["keep"], limit=vector["max"])
    assert list(evicted) == vector["delete"]


def test_eviction_counts_verifiers_only() -> None:
    lookalikes = ["wos-session", "wos-auth-verifierx", "wos-auth-verifie", "x-wos-auth-verifier-1"]
    assert verifiers_to_evict(lookalikes, keep="wos-auth-verifier-0", limit=1) == ()
    doubled = ["wos-auth-verifier", "wos-auth-verifier", "wos-auth-verifier-0"]
    assert verifiers_to_evict(doubled, keep="wos-auth-verifier-0", limit=1) == ("wos-auth-verifier",)


def test_the_custom_state_is_measured_in_bytes() -> None:
    assert create_state(PASSWORD, now_ms=NOW, custom_state="é" * 1024)
    with pytest.raises(LoginError) as caught:
        create_state(PASSWORD, now_ms=NOW, custom_state="é" * 1024 + "x")
    assert caught.value.code == "state_too_large"


def test_a_cookie_line_that_browsers_might_drop_is_refused() -> None:
    state = "x" * 3600
    room = 3800 - len(verifier_cookie(state, redirect_uri=REDIRECT_URI).header())
    assert verifier_cookie(state + "x" * room, redirect_uri=REDIRECT_URI)
    with pytest.raises(LoginError) as caught:
        verifier_cookie(state + "x" * room, redirect_uri=REDIRECT_URI, domain="example.com")
    assert caught.value.code == "state_too_large"


def test_nothing_secret_is_printed() -> None:
    pending = create_state(PASSWORD, now_ms=NOW)
    verifier = open_state(pending.state, pending.state, PASSWORD, now_ms=NOW)
    assert pending.state not in repr(pending)
    assert verifier.code_verifier not in repr(verifier)
