import pytest

from vestibule.session.incoming import Incoming


def incoming(method: str = "GET", **headers: str) -> Incoming:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Incoming(method=method, path="/page", headers=given, scheme="https", host="app.example.com")


@pytest.mark.parametrize(
    ("headers", "navigation"),
    [
        ({"sec_fetch_mode": "navigate"}, True),
        ({"sec_fetch_mode": "cors", "accept": "text/html"}, False),
        ({"sec_fetch_mode": "websocket"}, False),
        ({"accept": "text/html,application/xhtml+xml"}, True),
        ({"accept": "Text/HTML"}, True),
        ({"accept": "*/*"}, False),
        ({"accept": "application/json"}, False),
        ({"sec_fetch_mode": "navigate", "hx_request": "true"}, False),
        ({}, False),
    ],
)
def test_who_is_opening_a_page(headers: dict[str, str], navigation: bool) -> None:
    assert incoming(**headers).is_navigation is navigation
    assert incoming("POST", **headers).is_navigation is False
    assert incoming("POST", **headers).wants_page is navigation


@pytest.mark.parametrize(
    ("headers", "prefetch"),
    [
        ({"sec_purpose": "prefetch;prerender"}, True),
        ({"purpose": "Prefetch"}, True),
        ({"x_moz": "prefetch"}, True),
        ({"sec_purpose": "prerender"}, True),
        ({"next_router_prefetch": "1"}, True),
        ({}, False),
    ],
)
def test_a_guess_of_the_browser_is_no_request_of_a_person(headers: dict[str, str], prefetch: bool) -> None:
    assert incoming(**headers).is_prefetch is prefetch


@pytest.mark.parametrize(
    ("headers", "cross_site"),
    [
        ({}, False),
        ({"origin": "https://app.example.com"}, False),
        ({"origin": "https://app.example.com:443"}, False),
        ({"origin": "http://app.example.com"}, False),
        ({"origin": "https://APP.example.com"}, False),
        ({"origin": "https://app.example.com:8443"}, True),
        ({"origin": "https://evil.example"}, True),
        ({"origin": "https://app.example.com.evil.example"}, True),
        ({"origin": "null"}, True),
        ({"origin": ""}, True),
        ({"origin": "https://[::1"}, True),
        ({"origin": "https://trusted.example"}, False),
        ({"origin": "https://Trusted.example", "sec_fetch_site": "cross-site"}, False),
        ({"sec_fetch_site": "same-origin"}, False),
        ({"sec_fetch_site": "none"}, False),
        ({"sec_fetch_site": "same-site"}, True),
        ({"sec_fetch_site": "cross-site"}, True),
        ({"sec_fetch_site": "cross-site", "origin": "https://app.example.com"}, True),
    ],
)
def test_which_page_made_a_request(headers: dict[str, str], cross_site: bool) -> None:
    assert incoming("POST", **headers).is_cross_site({"https://trusted.example"}) is cross_site


@pytest.mark.parametrize(
    ("headers", "elsewhere"),
    [
        ({}, False),
        ({"sec_fetch_site": "none"}, False),
        ({"sec_fetch_site": "same-origin"}, False),
        ({"sec_fetch_site": "same-site"}, True),
        ({"sec_fetch_site": "cross-site"}, True),
        ({"referer": "https://app.example.com/page"}, False),
        ({"referer": "https://evil.example/"}, True),
    ],
)
def test_where_a_link_was(headers: dict[str, str], elsewhere: bool) -> None:
    assert incoming(**headers).came_from_elsewhere is elsewhere


def test_a_websocket_begins_with_get_and_is_not_safe() -> None:
    assert incoming().is_safe
    assert not incoming("POST").is_safe
    assert not Incoming(method="GET", path="/", scheme="wss").is_safe


def test_a_parameter_given_twice_is_left_out() -> None:
    given = Incoming(method="GET", path="/", query="state=a&state=b&code=c&empty=")
    assert given.params == {"code": "c", "empty": ""}


def test_a_query_of_a_thousand_fields_is_no_query() -> None:
    assert Incoming(method="GET", path="/", query="&".join(f"a{n}=1" for n in range(1000))).params == {}


@pytest.mark.parametrize(
    ("kind", "body", "fields"),
    [
        (
            "application/x-www-form-urlencoded",
            b"organization_id=org_1&a=b+c",
            {"organization_id": "org_1", "a": "b c"},
        ),
        (
            "application/json; charset=utf-8",
            b'{"organization_id":"org_1","n":1}',
            {"organization_id": "org_1"},
        ),
        ("application/json", b"[1]", None),
        ("application/json", b"{", None),
        ("text/plain", b"organization_id=org_1", None),
        ("multipart/form-data; boundary=x", b"--x", None),
        ("", b"", {}),
        ("", b"a=b", None),
    ],
)
def test_a_body_is_a_form_or_json(kind: str, body: bytes, fields: dict[str, str] | None) -> None:
    assert Incoming(method="POST", path="/", headers={"content-type": kind}, body=body).form == fields


def test_the_browser_sees_what_the_app_is_mounted_under() -> None:
    assert Incoming(method="GET", path="/me", query="a=b", root_path="/app").url_path == "/app/me?a=b"


def test_cookies_keep_their_duplicates() -> None:
    assert incoming(cookie="a=1; b=2; a=3").cookies == [("a", "1"), ("b", "2"), ("a", "3")]


def test_neither_cookies_nor_body_show_in_the_repr() -> None:
    shown = repr(Incoming(method="POST", path="/", headers={"cookie": "wos-session=secret"}, body=b"secret"))
    assert "secret" not in shown
