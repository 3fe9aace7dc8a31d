"""Too much of everything, and what never ends."""

import json

import pytest

from tests.security.conftest import Target
from tests.security.raw import request, talk
from tests.servers import Running

FORM = "Content-Type: application/x-www-form-urlencoded"
JSON = "Content-Type: application/json"
TEN_MEGABYTES = 10 * 1024 * 1024
MANY_FIELDS = b"&".join(b"f%d=1" % number for number in range(100_000))
DEEP = b'{"a":' * 10_000 + b"1" + b"}" * 10_000


def alive(target: Target) -> bool:
    return talk(target.url, request("GET", target.page, "Connection: close")).statuses == [200]


def own_form(target: Target) -> str:
    return target.form if target.kind == "server" else "/auth/organization"


def post(target: Target, *headers: str, body: bytes = b"") -> bytes:
    length = f"Content-Length: {len(body)}"
    return request("POST", own_form(target), *headers, length, "Connection: close", body=body)


def test_SZ_1_ten_megabytes_are_not_read(target: Target) -> None:
    head = request("POST", own_form(target), FORM, f"Content-Length: {TEN_MEGABYTES}", "Connection: close")
    answer = talk(target.url, head, b"a" * TEN_MEGABYTES)
    assert answer.statuses in ([413], [400], [])  # []: closed before all was said
    assert alive(target)


@pytest.mark.parametrize(
    "body", [MANY_FIELDS, MANY_FIELDS[:60_000], b"&" * 60_000, b"=" * 60_000, b"%" * 60_000]
)
def test_SZ_1_a_hundred_thousand_fields_are_refused(target: Target, body: bytes) -> None:
    answer = talk(target.url, post(target, FORM, body=body))
    assert answer.statuses in ([400], [413], [422])
    assert alive(target)


@pytest.mark.parametrize("body", [DEEP, DEEP[:60_000], b"[" * 60_000, b'{"a":' * 12_000])
def test_SZ_1_json_ten_thousand_deep_is_refused(target: Target, body: bytes) -> None:
    answer = talk(target.url, post(target, JSON, body=body))
    assert answer.statuses in ([400], [413], [415])
    assert alive(target)


def test_SZ_1_a_body_shorter_than_it_says_ends_with_the_connection(target: Target) -> None:
    short = request("POST", own_form(target), FORM, "Content-Length: 100", body=b"a=b")
    assert talk(target.url, short, says_no_more=True).statuses in ([], [400])
    assert alive(target)


def test_SZ_1_chunks_without_end_are_cut_off(server: Running) -> None:
    head = request("POST", "/user_management/authenticate", FORM, "Transfer-Encoding: chunked")
    chunk = b"1000\r\n" + b"a" * 4_096 + b"\r\n"
    answer = talk(server.url, head, *[chunk] * 64)
    assert answer.statuses in ([413], [])
    assert answer.closed


def test_SZ_1_a_head_without_end_is_cut_off(server: Running) -> None:
    endless = [b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n", *[b"X-A: " + b"a" * 1_000 + b"\r\n"] * 300]
    answer = talk(server.url, *endless)
    assert answer.statuses in ([400], [431], [])
    assert answer.closed


def test_SZ_2_64_kb_of_cookies_are_refused(server: Running) -> None:
    answer = talk(server.url, request("GET", "/healthz", "Cookie: a=" + "b" * 65_000))
    assert answer.statuses in ([431], [400])
    assert answer.closed


def test_SZ_2_500_cookie_lines_are_refused(server: Running) -> None:
    lines = [f"Cookie: c{number}=v" for number in range(500)]
    answer = talk(server.url, request("GET", "/healthz", *lines))
    assert answer.statuses == [431]
    assert answer.closed


@pytest.mark.parametrize("name", ["c{}", "wos-session", "wos-auth-verifier-{:08x}", "__proto__"])
def test_SZ_2_500_cookies_in_an_app_sign_nobody_in_and_break_nothing(target: Target, name: str) -> None:
    cookies = "; ".join(f"{name.format(number)}=Fe26.2*1*a*b*c*d*e*f~2" for number in range(500))
    path = "/healthz" if target.kind == "server" else "/me"
    answer = talk(target.url, request("GET", path, f"Cookie: {cookies}", "Connection: close"))
    assert answer.statuses[0] in (200 if target.kind == "server" else 401, 431)
    assert alive(target)


@pytest.mark.parametrize(
    "text", [b"\xff\xfe", b"\xed\xa0\x80", b"\x00", b"\xef\xbb\xbfada@example.com", b"a\xf0\x9f\x98"]
)
def test_SZ_4_text_that_is_none_reaches_no_database(server: Running, text: bytes) -> None:
    with server.client() as api:
        for field in ("email", "first_name", "password", "external_id"):
            fields = {"email": "sz4@example.com", field: "HERE"}
            body = json.dumps(fields).encode().replace(b"HERE", text)
            answer = api.post(
                "/user_management/users", content=body, headers={"content-type": "application/json"}
            )
            assert answer.status_code in (400, 422), (field, answer.text)


@pytest.mark.parametrize("text", ["\\ud800", "\\udfff", "\\u0000"])
def test_SZ_4_escaped_surrogates_and_nul_reach_no_database(server: Running, text: str) -> None:
    with server.client() as api:
        for field in ("email", "first_name", "external_id"):
            body = json.dumps({"email": "sz4@example.com", field: "HERE"}).replace("HERE", f"a{text}b")
            answer = api.post(
                "/user_management/users", content=body, headers={"content-type": "application/json"}
            )
            assert answer.status_code in (400, 422), (field, answer.text)
