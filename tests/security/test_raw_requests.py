"""Requests that no client library sends: framing with two readings, odd lines, odd methods."""

import pytest

from tests.security.conftest import Target
from tests.security.raw import request, talk
from tests.servers import Running

HIDDEN = b"GET /healthz?hidden HTTP/1.1\r\nHost: localhost\r\n\r\n"
NO_CHUNKS = b"0\r\n\r\n"
CHUNKED = "Transfer-Encoding: chunked"
FORM = "Content-Type: application/x-www-form-urlencoded"

# What a proxy and we might cut at different places: refused, and the connection ends there.
AMBIGUOUS: dict[str, tuple[tuple[str, ...], bytes]] = {
    "both lengths": ((f"Content-Length: {len(NO_CHUNKS + HIDDEN)}", CHUNKED), NO_CHUNKS + HIDDEN),
    "both, the other way round": ((CHUNKED, "Content-Length: 5"), NO_CHUNKS + HIDDEN),
    "two lengths": (("Content-Length: 0", f"Content-Length: {len(HIDDEN)}"), HIDDEN),
    "a list of lengths": ((f"Content-Length: 0, {len(HIDDEN)}",), HIDDEN),
    "a signed length": ((f"Content-Length: +{len(HIDDEN)}",), HIDDEN),
    "a negative length": (("Content-Length: -1",), HIDDEN),
    "a length of digits and a sign": (("Content-Length: 1_0",), HIDDEN),
    "a hexadecimal length": (("Content-Length: 0x5",), HIDDEN),
    "a length of 5,000 digits": (("Content-Length: " + "9" * 5_000,), HIDDEN),
    "a blank before the colon": ((f"Content-Length : {len(HIDDEN)}",), HIDDEN),
    "a blank before the colon of chunked": (("Transfer-Encoding : chunked",), NO_CHUNKS + HIDDEN),
    "an unknown coding": (("Transfer-Encoding: xchunked",), NO_CHUNKS + HIDDEN),
    "chunked and another": ((CHUNKED, "Transfer-Encoding: identity"), NO_CHUNKS + HIDDEN),
    "chunked in a list": (("Transfer-Encoding: chunked, identity",), NO_CHUNKS + HIDDEN),
    "a vertical tab": (("Transfer-Encoding: \x0bchunked",), NO_CHUNKS + HIDDEN),
    "a chunk of odd size": ((CHUNKED,), b"0x1\r\na\r\n0\r\n\r\n" + HIDDEN),
    "a chunk of negative size": ((CHUNKED,), b"-1\r\na\r\n0\r\n\r\n" + HIDDEN),
    "a chunk longer than its size": ((CHUNKED,), b"1\r\nab\r\n0\r\n\r\n" + HIDDEN),
    "a line feed in a chunk's extension": ((CHUNKED,), b"1;a\n\r\nb\r\n0\r\n\r\n" + HIDDEN),
}

# Lines that could add a header, or hide one.
BROKEN_LINES = {
    "a lone carriage return": b"X-A: b\rX-B: c",
    "NUL in a value": b"X-A: a\x00b",
    "NUL in a name": b"X\x00A: a",
    "a blank in a name": b"X A: a",
    "no colon": b"nothing",
    "a second host": b"Host: evil.example",
}


@pytest.mark.parametrize("shape", AMBIGUOUS)
def test_a_request_with_two_readings_is_refused_and_hides_no_other(server: Running, shape: str) -> None:
    headers, body = AMBIGUOUS[shape]
    answer = talk(server.url, request("POST", "/user_management/authenticate", FORM, *headers, body=body))
    assert answer.statuses == [400]
    assert answer.closed


def test_requests_one_after_the_other_are_answered_each(server: Running) -> None:
    """What the tests above would see, if the hidden request were read."""
    empty = request("POST", "/user_management/authenticate", FORM, "Content-Length: 0")
    assert talk(server.url, empty + HIDDEN).statuses == [422, 200]


@pytest.mark.parametrize("shape", AMBIGUOUS)
def test_no_hidden_request_reaches_a_flask_app(shape: str, flask_target: Target) -> None:
    headers, body = AMBIGUOUS[shape]
    answer = talk(flask_target.url, request("POST", "/auth/organization", FORM, *headers, body=body))
    assert len(answer.statuses) == 1
    assert answer.statuses[0] < 500
    assert answer.closed


@pytest.mark.parametrize("line", BROKEN_LINES)
def test_a_broken_header_line_is_refused(server: Running, line: str) -> None:
    head = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + BROKEN_LINES[line] + b"\r\n\r\n"
    answer = talk(server.url, head)
    assert answer.statuses == [400]
    assert answer.closed


def test_a_folded_line_is_one_value_and_no_second_header(target: Target) -> None:
    answer = talk(target.url, request("GET", target.page, "X-A: b", " Content-Length: 100"))
    assert answer.statuses == [200]  # with a body to wait for there would be no answer


@pytest.mark.parametrize("method", ["__CLASS__", "TRACE", "PROPFIND", "CONNECT", "DEBUG", "get"])
def test_reg_starlette_methods_that_are_odd_reach_nothing(target: Target, method: str) -> None:
    answer = talk(target.url, request(method, target.page))
    allowed = [200] if (target.kind, method) == ("flask", "get") else [405]  # Werkzeug knows one case only
    assert answer.statuses == allowed
    assert b"TRACE" not in answer.received


@pytest.mark.parametrize(
    "path", ["@evil.example", "http://evil.example/nowhere", "//evil.example/", "*", "?"]
)
def test_reg_starlette_request_target_that_is_no_path_leads_nowhere(target: Target, path: str) -> None:
    answer = talk(target.url, request("GET", path))
    assert answer.statuses[0] in (400, 404, 307, 308)  # frameworks mend an empty path: on this host
    assert b"evil.example" not in answer.received


@pytest.mark.parametrize("host", ["x/public?", "x/healthz#", "localhost/public", "evil.example/public?a="])
def test_reg_CVE_2026_48710_a_host_with_a_path_opens_nothing(
    server: Running, target: Target, host: str
) -> None:
    guarded = "/user_management/users" if target.kind == "server" else "/me"
    answer = talk(target.url, request("GET", guarded, host=host))
    assert answer.statuses in ([401], [400])


@pytest.mark.parametrize(
    "path",
    ["/user_management;x/users", "//user_management/users", "/user_managemen%74/users/.", "/x/../healthz"],
)
def test_reg_CVE_2026_0976_a_path_spelled_otherwise_is_no_way_around(server: Running, path: str) -> None:
    assert talk(server.url, request("GET", path)).statuses[0] in (401, 404)


def test_HI_2_nothing_in_a_query_becomes_a_header(target: Target) -> None:
    evil = "%0d%0aSet-Cookie:%20stolen=1%0d%0a%0d%0a<script>"
    paths = {
        "server": [
            f"/user_management/authorize?client_id={evil}&redirect_uri={evil}&response_type=code&state={evil}",
            f"/user_management/sessions/logout?session_id=session_{evil}&return_to={evil}",
            f"/sign-in?login={evil}",
            f"/reset-password?token={evil}",
        ]
    }.get(
        target.kind,
        [
            f"/auth/sign-in?return_to=/{evil}&login_hint={evil}&organization_id={evil}",
            f"/auth/sign-up?return_to={evil}",
            f"/auth/callback?code={evil}&state={evil}",
            f"/auth/callback?error={evil}&error_description={evil}&state={evil}",
            f"/auth/sign-out?return_to={evil}",
            f"/me?{evil}",
        ],
    )
    for path in paths:
        answer = talk(target.url, request("GET", path, "Sec-Fetch-Mode: navigate", "Accept: text/html"))
        assert len(answer.statuses) == 1, path
        assert answer.statuses[0] < 500, path
        assert not [line for line in answer.head if line.startswith(b"set-cookie: stolen")], path
        assert b"<script>" not in answer.received


def test_HI_2_a_registered_address_gets_its_state_back_as_one_line(server: Running) -> None:
    state = "%0d%0aSet-Cookie:%20stolen=1"
    asked = (
        f"client_id={server.client_id}&redirect_uri=http://localhost:3000/callback"
        f"&response_type=token&state={state}"
    )
    answer = talk(server.url, request("GET", f"/user_management/authorize?{asked}"))
    assert answer.statuses == [302]
    (location,) = answer.header(b"location")
    assert location.startswith(b"http://localhost:3000/callback?error=unsupported_response_type")
    assert b"state=%0d%0aset-cookie" in location
    assert answer.header(b"set-cookie") == []
