from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vectors.reading import named, vectors
from vestibule.cookies import SetCookie, encode_component, is_secure, parse_cookies
from vestibule.errors import ConfigError

REDIRECT_URI = "https://app.example.com/api/auth/callback"
CONFIGS = vectors()["set_cookie"]


def session_cookie(config: dict[str, Any]) -> SetCookie:
    same_site = config.get("cookieSameSite", "lax")
    return SetCookie(
        "wos-session",
        "<VALUE>",
        max_age=config.get("cookieMaxAge", 34_560_000),
        domain=config.get("cookieDomain"),
        secure=is_secure(config.get("redirectUri", REDIRECT_URI), same_site),
        same_site=same_site,
    )


@pytest.mark.parametrize("vector", [pytest.param(each, id=str(each["config"])) for each in CONFIGS])
def test_session_cookie_lines(vector: dict[str, Any]) -> None:
    cookie = session_cookie(vector["config"])
    assert cookie.header().replace("%3CVALUE%3E", "<VALUE>") == vector["save"]
    assert cookie.deletion().header() == vector["clear"]
    assert (
        SetCookie.delete(
            cookie.name, domain=cookie.domain, secure=cookie.secure, same_site=cookie.same_site
        ).header()
        == vector["clear"]
    )


@pytest.mark.parametrize("vector", named("url_encoding", "encodeURIComponent"))
def test_values_are_encoded_as_javascript_does(vector: dict[str, Any]) -> None:
    assert encode_component(vector["input"]) == vector["encodeURIComponent"]


def test_a_value_survives_the_way_out_and_back() -> None:
    header = SetCookie("a", 'x;, "é%🔐').header()
    assert parse_cookies(header.split("; ")[0]) == [("a", 'x;, "é%🔐')]


@given(st.text())
def test_any_text_survives_the_way_out_and_back(text: str) -> None:
    assert parse_cookies(SetCookie("a", text).header().split("; ")[0]) == [("a", text)]


@given(st.text())
def test_no_cookie_header_breaks_the_parser(header: str) -> None:
    assert all(name and isinstance(value, str) for name, value in parse_cookies(header))


@pytest.mark.parametrize(
    ("header", "cookies"),
    [
        (None, []),
        ("", []),
        (";; ;", []),
        ("lonely", []),
        ("=nameless", []),
        ("a=1; b=2", [("a", "1"), ("b", "2")]),
        ("a=1;b=2", [("a", "1"), ("b", "2")]),
        (" a = 1 ", [("a", "1")]),
        ("a=b=c==", [("a", "b=c==")]),
        ("a=", [("a", "")]),
        ("a=1; a=2", [("a", "1"), ("a", "2")]),
        ("a=%E2%82%AC", [("a", "€")]),
        ("a=%; b=2", [("b", "2")]),
        ("a=%zz", []),
        ("a=%ff", []),
        ("a=%e2%82", []),
        ("a=\ud800%20", []),
        ('a="quoted"', [("a", '"quoted"')]),
    ],
)
def test_reading(header: str | None, cookies: list[tuple[str, str]]) -> None:
    assert parse_cookies(header) == cookies


@pytest.mark.parametrize(
    ("redirect_uri", "secure"),
    [
        ("https://app.example.com/cb", True),
        ("HTTPS://app.example.com/cb", True),
        ("http://localhost:3000/cb", False),
        ("HTTP://localhost", False),
        ("", True),
        ("not a url", True),
        ("/callback", True),
        ("http://", True),
        ("http://[::1/cb", True),
        ("myapp://callback", False),
    ],
)
def test_a_cookie_is_secure_unless_the_app_plainly_lives_elsewhere(redirect_uri: str, secure: bool) -> None:
    assert is_secure(redirect_uri, "lax") is secure
    assert is_secure(redirect_uri, "None") is True


@pytest.mark.parametrize(
    "hostile",
    [
        {"name": ""},
        {"name": "a b"},
        {"name": "a=b"},
        {"name": "a\r\nX: y"},
        {"name": "ä"},
        {"path": "/\r\nX: y"},
        {"path": "/; Domain=evil.example"},
        {"domain": "example.com; Secure"},
        {"domain": "exämple.com"},
        {"same_site": "sometimes"},
        {"same_site": "lax\r\nX: y"},
    ],
)
def test_nothing_breaks_out_of_the_header(hostile: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        SetCookie(**{"name": "a", "value": "b", **hostile})  # type: ignore[arg-type]


def test_a_cookie_without_attributes() -> None:
    assert SetCookie("a", "b", secure=False, http_only=False).header() == "a=b; Path=/; SameSite=Lax"


def test_an_unpaired_surrogate_does_not_break_the_response() -> None:
    assert SetCookie("a", "x\ud800y").header().startswith("a=x%3Fy;")


def test_size_counts_name_and_value_as_sent() -> None:
    assert SetCookie("ab", "é").size == 2 + len("%C3%A9")


def test_the_value_is_not_printed() -> None:
    assert "s3cret" not in repr(SetCookie("a", "s3cret"))
