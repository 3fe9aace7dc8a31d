import pytest

from vestibule.server.identity.addresses import (
    check_registrable,
    check_web_address,
    origin_of,
    parse_address,
)
from vestibule.server.identity.errors import Invalid
from vestibule.server.identity.redirect_uris import is_registered

REGISTERED = "https://app.example.com/callback"
RESEMBLING = [
    "https://app.example.com/callback/",
    "https://app.example.com/callback/more",
    "https://app.example.com/callback?next=1",
    "https://app.example.com/callback?",
    "https://app.example.com/callback#",
    "https://app.example.com/callback#fragment",
    "https://app.example.com:443/callback",
    "https://app.example.com:8443/callback",
    "https://app.example.com/x/../callback",
    "https://app.example.com/./callback",
    "https://app.example.com//callback",
    "https://app.example.com/%63allback",
    "https://app.example.com/Callback",
    "https://APP.example.com/callback",
    "HTTPS://app.example.com/callback",
    "https://app.example.com./callback",
    "https://user@app.example.com/callback",
    "https://user:word@app.example.com/callback",
    "https://app.example.com@evil.example/callback",
    "https://evil.example/https://app.example.com/callback",
    "https://evil.example\\@app.example.com/callback",
    "https://app.example.com\\callback",
    "https://аpp.example.com/callback",  # noqa: RUF001 - a Cyrillic look-alike
    "https://xn--pp-8cd.example.com/callback",
    "http://app.example.com/callback",
    "//app.example.com/callback",
    "/callback",
    "javascript:alert(1)",
    "data:text/html,x",
    "https://app.example.com.evil.example/callback",
    "https://sub.app.example.com/callback",
    "https://app.example.com/callback\n",
    " https://app.example.com/callback",
    "https://app.example.com/callback\x00",
    "https://app.example.com /callback",
    "https://*.example.com/callback",
    "",
]


def test_the_registered_address_itself_is_good() -> None:
    assert is_registered(REGISTERED, [REGISTERED])


@pytest.mark.parametrize("uri", RESEMBLING)
def test_OR_2_what_merely_resembles_it_is_not(uri: str) -> None:
    assert not is_registered(uri, [REGISTERED])


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_a_loopback_address_has_any_port(host: str) -> None:
    registered = [f"http://{host}:3000/callback"]
    for place in (f"http://{host}/callback", f"http://{host}:49152/callback"):
        assert is_registered(place, registered)
    for place in (
        f"https://{host}:3000/callback",
        f"http://{host}:3000/other",
        f"http://{host}:3000/callback?a=b",
        f"http://{host}:0/callback",
        f"http://{host}:65536/callback",
        f"http://{host}.evil.example:3000/callback",
    ):
        assert not is_registered(place, registered)


def test_loopback_names_do_not_stand_for_each_other() -> None:
    assert not is_registered("http://127.0.0.1:3000/cb", ["http://localhost:3000/cb"])


@pytest.mark.parametrize(
    ("registered", "good", "bad"),
    [
        (
            "https://*.example.com/cb",
            ["https://a.example.com/cb", "https://pr-12.example.com/cb"],
            [
                "https://a.b.example.com/cb",
                "https://example.com/cb",
                "https://.example.com/cb",
                "https://*.example.com/cb",
                "https://a.example.com.evil.example/cb",
                "https://-a.example.com/cb",
                "https://a.example.com:8443/cb",
                "https://a.example.com/cb/x",
                "http://a.example.com/cb",
            ],
        ),
        (
            "https://app-*-team.vercel.app/cb",
            ["https://app-x1-team.vercel.app/cb", "https://app-a-b-team.vercel.app/cb"],
            [
                "https://app--team.vercel.app/cb/",
                "https://app-team.vercel.app/cb",
                "https://evil-app-x-team.vercel.app/cb",
                "https://app-x.evil-team.vercel.app/cb",
                "https://app-x-team.vercel.app.evil.example/cb",
            ],
        ),
    ],
)
def test_a_wildcard_stands_for_one_label(registered: str, good: list[str], bad: list[str]) -> None:
    for uri in good:
        assert is_registered(uri, [registered]), uri
    for uri in bad:
        assert not is_registered(uri, [registered]), uri


@pytest.mark.parametrize(
    ("uri", "staging", "production"),
    [
        ("https://app.example.com/callback", True, True),
        ("https://app.example.com", True, True),
        ("http://localhost:3000/callback", True, True),
        ("http://[::1]:3000/callback", True, True),
        ("http://app.example.com/callback", True, False),
        ("https://app.example.com/callback?tenant=1", True, False),
        ("https://*.example.com/callback", True, False),
        ("https://app-*.example.com/callback", True, False),
        ("https://*.*.example.com/callback", False, False),
        ("https://a.*.example.com/callback", False, False),
        ("https://*.com/callback", False, False),
        ("https://*/callback", False, False),
        ("https://app.example.com/*", False, False),
        ("https://app.example.com/callback?a=*", False, False),
        ("https://user@app.example.com/callback", False, False),
        ("https://app.example.com/callback#x", False, False),
        ("https://app.example.com/a/../b", False, False),
        ("https://App.example.com/callback", False, False),
        ("https://app.example.com:99999/callback", False, False),
        ("https://app.example.com:080/callback", False, False),
        ("ftp://app.example.com/callback", False, False),
        ("javascript:alert(1)", False, False),
        ("callback", False, False),
        ("https://app.example.com/" + "x" * 2_000, False, False),
    ],
)
def test_what_may_be_registered(uri: str, staging: bool, production: bool) -> None:
    for allowed, is_staging in ((staging, True), (production, False)):
        if allowed:
            assert check_registrable(uri, field="uri", staging=is_staging) == uri
        else:
            with pytest.raises(Invalid) as caught:
                check_registrable(uri, field="uri", staging=is_staging)
            assert caught.value.errors[0]["field"] == "uri"


def test_a_place_to_go_is_concrete_and_in_production_encrypted() -> None:
    assert check_web_address("https://example.com/", field="f", staging=False) == "https://example.com/"
    assert check_web_address("http://example.com/", field="f", staging=True) == "http://example.com/"
    assert check_web_address("http://localhost:8000/", field="f", staging=False)
    for text, staging in (("http://example.com/", False), ("https://*.example.com/", True), ("/", True)):
        with pytest.raises(Invalid):
            check_web_address(text, field="f", staging=staging)


def test_an_origin_is_scheme_host_and_port() -> None:
    assert origin_of("http://localhost:3000/a?b") == "http://localhost:3000"
    assert origin_of("https://example.com/a") == "https://example.com"
    assert origin_of("https://*.example.com/a") is None
    assert origin_of("nonsense") is None
    assert parse_address("https://example.com/a?b=c").query == "b=c"
