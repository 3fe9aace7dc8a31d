"""The cookie that binds a sign-in to the browser that began it, and Apple's way back by POST."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.oauth.stage import NOW
from vestibule.cookies import SetCookie
from vestibule.crypto.sealer import IronSealer
from vestibule.errors import LoginError
from vestibule.oauth.transaction import (
    COOKIE_PREFIX,
    MAX_PENDING,
    Transaction,
    cookie_name,
    cookies_to_evict,
    hand_off,
    open_transaction,
    take_over,
    transaction_cookie,
)

SEALER = IronSealer(("a cookie password of at least thirty-two characters",))
OTHER = IronSealer(("another cookie password, also of thirty-two characters",))


def transaction(state: str = "state-one", **changed: object) -> Transaction:
    settings = {"provider": "github", "code_verifier": "v", "redirect_uri": "https://app.example.com/cb"}
    return Transaction(state=state, started_at=NOW, **{**settings, **changed})  # type: ignore[arg-type]


def cookie(state: str = "state-one", **changed: object) -> tuple[str, str]:
    made = transaction_cookie(transaction(state, **changed), SEALER)
    return made.name, made.value


def refused(
    state: str | None, *cookies: tuple[str, str], now: float = NOW, sealer: IronSealer = SEALER
) -> str:
    with pytest.raises(LoginError) as caught:
        open_transaction(state, cookies, sealer, now=now)
    assert caught.value.hint
    return caught.value.code


def test_the_browser_that_began_a_sign_in_can_end_it() -> None:
    everything = transaction(return_to="/x", note="link", nonce="n", max_age=60)
    made = transaction_cookie(everything, SEALER, domain="example.com")
    assert made == SetCookie(
        cookie_name("state-one"), made.value, max_age=600, domain="example.com", secure=True, same_site="lax"
    )
    assert open_transaction("state-one", [(made.name, made.value)], SEALER, now=NOW + 599) == everything
    local = transaction(redirect_uri="http://localhost:8000/cb")
    assert not transaction_cookie(local, SEALER).secure


def test_PS_1_a_state_of_another_browser_or_another_sign_in_is_refused() -> None:
    mine, other = cookie(), cookie("state-two")
    assert refused("state-onf", mine) == "state_mismatch"
    assert refused("state-two", mine) == "state_mismatch"
    # The other's seal under the name of this one: another transaction all the same.
    assert refused("state-one", (mine[0], other[1])) == "state_mismatch"
    assert refused("ä\ud800", mine) == "state_mismatch"


def test_PS_2_no_state_or_no_cookie_says_what_to_look_at() -> None:
    assert refused(None, cookie()) == "state_missing"
    assert refused("", cookie()) == "state_missing"
    assert refused("state-one") == "verifier_cookie_missing"
    assert refused("state-one", ("wos-session", "x")) == "verifier_cookie_missing"


def test_PS_3_a_sign_in_lasts_ten_minutes() -> None:
    mine = cookie()
    assert open_transaction("state-one", [mine], SEALER, now=NOW - 60)
    for now in (NOW + 601, NOW + 3600, NOW - 61):
        assert refused("state-one", mine, now=now) == "state_expired"


def test_PS_6_three_tabs_each_have_their_own() -> None:
    jar = [cookie(state) for state in ("one", "two", "three")]
    assert [open_transaction(state, jar, SEALER, now=NOW).state for state in ("three", "two", "one")] == [
        "three",
        "two",
        "one",
    ]


def test_PS_7_abandoned_sign_ins_are_forgotten_when_they_are_many() -> None:
    names = [cookie_name(str(number)) for number in range(MAX_PENDING)]
    assert cookies_to_evict([*names[1:], "wos-session"], keep=names[0]) == ()
    assert cookies_to_evict([*names, names[0]], keep="new") == tuple(names)
    assert all(name.startswith(COOKIE_PREFIX) for name in names)


def test_CK_3_what_was_sealed_for_something_else_is_no_sign_in() -> None:
    name = cookie_name("state-one")
    for payload in ({"user": {"id": "x"}}, "text", {"purpose": "vestibule.oauth", "provider": "github"}):
        assert refused("state-one", (name, SEALER.seal(payload, now_ms=NOW * 1000))) == "state_unreadable"
    assert refused("state-one", cookie(), sealer=OTHER) == "state_unreadable"
    assert refused("state-one", (name, "Fe26.2*x")) == "state_unreadable"


def test_what_does_not_fit_into_a_cookie_is_not_begun() -> None:
    with pytest.raises(LoginError) as caught:
        cookie(return_to="/" + "x" * 3000)
    assert caught.value.code == "state_too_large"


def test_a_cross_site_post_becomes_a_get_of_the_same_callback() -> None:
    form = {"state": "s", "code": "secret-code", "user": '{"name":{}}', "id_token": "x", "iss": ""}
    for callback in ("https://app.example.com/cb", "https://app.example.com/cb?a=1"):
        url = hand_off(form, callback, SEALER, now=NOW)
        assert url.startswith(callback)
        assert "secret-code" not in url
        handoff = dict(parse_qsl(urlsplit(url).query))["handoff"]
        assert take_over(handoff, SEALER, now=NOW + 59) == {
            "state": "s",
            "code": "secret-code",
            "user": '{"name":{}}',
        }
        with pytest.raises(LoginError) as caught:
            take_over(handoff, SEALER, now=NOW + 3600)
        assert caught.value.code == "state_expired"
        # It is no cookie, nor is a cookie a hand-off.
        assert refused("s", (cookie_name("s"), handoff)) == "state_unreadable"
    with pytest.raises(LoginError) as caught:
        take_over(cookie()[1], SEALER, now=NOW)
    assert caught.value.code == "state_unreadable"
