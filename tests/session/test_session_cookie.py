"""The session cookie: what opens, what fits, what hostile values do."""

import json
import secrets

import pytest

from tests.session.browser import Browser, no_network, open_browser
from vestibule.crypto.seal import seal, unseal
from vestibule.errors import SessionTooLarge
from vestibule.session.model import SignedOut
from vestibule.session.payload import Payload
from vestibule.session.session_cookie import open_session, write_session
from vestibule.testing.issuer import create_config
from vestibule.wire.models import OAuthTokens, User

CONFIG = create_config()
PASSWORDS = CONFIG.cookie_passwords
PICTURE = "https://images.example.com/" + "p" * 400


def payload(**members: object) -> Payload:
    user = User(
        id="user_1", email="ada@example.com", profile_picture_url=PICTURE, metadata={"note": "m" * 600}
    )
    upstream = OAuthTokens(access_token="u" * 600)
    given = {
        "access_token": "a" * 500,
        "refresh_token": "r" * 40,
        "user": user,
        "oauth_tokens": upstream,
        **members,
    }
    return Payload(**given)  # type: ignore[arg-type]


def refused(browser: Browser, value: str) -> tuple[str | None, int]:
    browser.jar["wos-session"] = value
    visit = browser.visit()
    assert browser.run(visit.load(), no_network) is None
    return visit.reason, len(visit.headers())


def test_what_fits_is_written_whole() -> None:
    written = write_session(payload(), CONFIG)
    assert written.trimmed == ()
    opened = open_session([written.cookie.value], PASSWORDS)
    assert opened is not None
    assert opened.payload == payload()


@pytest.mark.parametrize(
    ("token", "trimmed"),
    [
        (500, ()),
        (1300, ("oauth_tokens",)),
        (1900, ("oauth_tokens", "user.metadata")),
        (2200, ("oauth_tokens", "user.metadata", "user.profile_picture_url")),
    ],
)
def test_what_nobody_needs_is_left_out_in_order(token: int, trimmed: tuple[str, ...]) -> None:
    written = write_session(payload(access_token="a" * token), CONFIG)
    assert written.trimmed == trimmed
    assert written.cookie.size <= 4096


def test_the_limit_is_exact() -> None:
    sizes = set()
    for length in range(2200, 2600):
        try:
            cookie = write_session(payload(access_token="a" * length), CONFIG).cookie
        except SessionTooLarge:
            break
        assert cookie.size == len(cookie.header().partition(";")[0]) - 1
        sizes.add(cookie.size)
    assert 4074 < max(sizes) <= 4096


def test_CK_8_what_does_not_fit_even_so_lists_its_parts() -> None:
    with pytest.raises(SessionTooLarge) as caught:
        write_session(payload(access_token="a" * 4000), CONFIG)
    assert caught.value.parts["accessToken"] == 4002
    assert "oauthTokens" not in caught.value.parts
    assert "accessToken" in caught.value.hint


def test_trimming_can_be_turned_off() -> None:
    with pytest.raises(SessionTooLarge) as caught:
        write_session(payload(access_token="a" * 1300), create_config(cookie_trim=False))
    assert "oauthTokens" in caught.value.parts


def test_what_a_session_does_not_have_is_not_trimmed() -> None:
    plain = payload(oauth_tokens=None, user=User(id="user_1", email="e"), access_token="a" * 4000)
    with pytest.raises(SessionTooLarge):
        write_session(plain, CONFIG)


def test_CK_8_a_refresh_that_outgrows_the_cookie_is_served_and_keeps_the_old_one(browser: Browser) -> None:
    many = [f"department-{n}:invoices:read" for n in range(200)]
    browser.jar.update(browser.issuer.cookies(expires_in=-1))
    before = dict(browser.jar)
    token = json.loads(json.dumps(unseal(before["wos-session"], browser.issuer.config.cookie_passwords)))[
        "refreshToken"
    ]
    grant = browser.issuer._refresh_tokens[token]
    browser.issuer._refresh_tokens[token] = type(grant)(
        **{name: getattr(grant, name) for name in grant.__slots__ if name != "permissions"},
        permissions=tuple(many),
    )
    answer = browser.get("/page")
    assert (answer.status, answer.set_cookies, browser.jar) == (200, [], before)
    assert browser.codes == ["session.refreshed", "session.cookie_too_large"]
    assert isinstance(browser.events[-1].data["accessToken"], int)


def test_trimming_is_told_once(browser: Browser) -> None:
    big = {"metadata": {"note": "m" * 3000}}
    for _ in range(2):
        browser.jar.update(browser.issuer.cookies(expires_in=-1))
        session = browser.session()
        assert session is not None
    browser.sign_in("/", user=big)
    browser.sign_in("/", user=big)
    assert browser.codes.count("session.cookie_trimmed") == 1
    assert "wos-session" in browser.jar


def test_CK_1_every_flipped_byte_is_a_signed_out_visitor(browser: Browser) -> None:
    sealed = browser.issuer.cookies()["wos-session"]
    browser.jar["wos-session"] = sealed
    outcomes = set()
    for position in range(len(sealed)):
        flipped = "A" if sealed[position] != "A" else "B"
        outcomes.add(refused(browser, sealed[:position] + flipped + sealed[position + 1 :]))
    assert outcomes == {(SignedOut.BAD_COOKIE, 2)}


@pytest.mark.parametrize(
    "damage",
    [
        lambda s: s[:-40],
        lambda s: s + s,
        lambda s: s.replace("*", "", 1),
        lambda s: s.replace("~2", "*~2"),
        lambda s: s.replace("Fe26.2", "Fe26.1"),
        lambda s: s.replace("~2", "~1"),
        lambda s: s.replace("~2", "~3"),
        lambda s: s + "~2",
        lambda s: "~2",
        lambda s: "*" * 7,
        lambda s: "Fe26.2*" + s,
        lambda s: "\ud83d",
        lambda s: "x" * 70_000,
    ],
)
def test_CK_2_a_damaged_seal_is_a_signed_out_visitor(browser: Browser, damage: object) -> None:
    sealed = browser.issuer.cookies()["wos-session"]
    value = damage(sealed)  # type: ignore[operator]
    assert refused(browser, value) == (SignedOut.BAD_COOKIE, 2)


@pytest.mark.parametrize("password_id", ["__proto__", "constructor", "", "2", "x" * 10_000, "1 "])
def test_CK_5_an_unknown_password_id_is_a_signed_out_visitor(browser: Browser, password_id: str) -> None:
    sealed = browser.issuer.cookies()["wos-session"]
    assert refused(browser, sealed.replace("*1*", f"*{password_id}*", 1)) == (SignedOut.BAD_COOKIE, 2)


@pytest.mark.parametrize("value", [None, [], "text", 1, {"user": {"id": "user_1"}}, {"accessToken": {}}])
def test_a_seal_of_ours_that_is_no_session_is_a_signed_out_visitor(browser: Browser, value: object) -> None:
    password = browser.issuer.config.cookie_passwords[0]
    assert refused(browser, seal(value, password)) == (SignedOut.BAD_COOKIE, 2)


def test_another_password_opens_nothing() -> None:
    stranger = open_browser(cookie_passwords=(secrets.token_urlsafe(32),))
    assert open_session([stranger.issuer.cookies()["wos-session"]], PASSWORDS) is None
