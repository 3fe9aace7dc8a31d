"""The middleware around an app of no framework, driven by hand."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.adapters.driving import drive, scope
from vestibule.asgi import Auth, entry_of, read_incoming
from vestibule.errors import ConfigError, NotInstalled
from vestibule.session.guards import requirement
from vestibule.testing import Clock, TestIssuer

Handler = Callable[[Any, Any, Any], Awaitable[None]]


async def respond(scope: Any, receive: Any, send: Any) -> None:
    session = await entry_of(scope).load()
    body = session.user.email.encode() if session else b"nobody"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-app", b"1")]})
    await send({"type": "http.response.body", "body": body})


def wrapped(app: Handler, **settings: Any) -> tuple[Auth, TestIssuer]:
    clock = Clock()
    issuer = TestIssuer(clock=clock)
    return Auth(app, issuer.config, send=issuer, clock=clock, **settings), issuer


def cookie_header(issuer: TestIssuer, **rights: Any) -> tuple[str, str]:
    return "cookie", "; ".join(f"{name}={value}" for name, value in issuer.cookies(**rights).items())


def names(message: dict[str, Any]) -> list[bytes]:
    return [name for name, _ in message["headers"]]


def test_any_asgi_app_knows_who_is_there() -> None:
    app, issuer = wrapped(respond)
    start, body = drive(app, scope(headers=[cookie_header(issuer, email="ada@example.com")]))
    assert body["body"] == b"ada@example.com"
    assert names(start) == [b"x-app", b"cache-control", b"vary"]


@pytest.mark.parametrize("spelled", [b"cache-control", b"Cache-Control", "cache-control", "Cache-Control"])
def test_an_app_cannot_make_a_page_of_somebody_public_however_it_spells_it(spelled: Any) -> None:
    async def public(scope: Any, receive: Any, send: Any) -> None:
        await entry_of(scope).load()
        headers = [(spelled, b"public"), (b"Vary", b"Accept")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})

    app, issuer = wrapped(public)
    (start,) = drive(app, scope(headers=[cookie_header(issuer)]))
    assert start["headers"] == [(b"cache-control", b"private, no-store"), (b"vary", b"Accept, Cookie")]


def test_a_crash_before_the_start_is_answered_once_and_goes_on_up() -> None:
    async def crash(scope: Any, receive: Any, send: Any) -> None:
        await entry_of(scope).load()
        raise RuntimeError("boom")

    app, issuer = wrapped(crash)
    start, body, raised = drive(app, scope(headers=[cookie_header(issuer, expires_in=-1)]))
    assert (start["status"], body["body"]) == (500, b"Internal Server Error")
    assert names(start).count(b"set-cookie") == 1
    assert str(raised["error"]) == "boom"


def test_a_crash_without_cookies_is_left_to_the_server() -> None:
    async def crash(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("boom")

    app, _ = wrapped(crash)
    (raised,) = drive(app, scope())
    assert raised["type"] == "raised"


def test_a_crash_after_the_start_is_not_answered_again() -> None:
    async def crash(scope: Any, receive: Any, send: Any) -> None:
        await respond(scope, receive, send)
        raise RuntimeError("boom")

    app, issuer = wrapped(crash)
    sent = drive(app, scope(headers=[cookie_header(issuer, expires_in=-1)]))
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body", "raised"]


def test_a_guard_answers_by_hand() -> None:
    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        reply = await entry_of(scope).guard(requirement(role="admin"))
        await send({"type": "http.response.start", "status": reply.status if reply else 200, "headers": []})

    app, issuer = wrapped(guarded)
    assert drive(app, scope())[0]["status"] == 401
    assert drive(app, scope(headers=[cookie_header(issuer)]))[0]["status"] == 403
    assert drive(app, scope(headers=[cookie_header(issuer, role="admin")]))[0]["status"] == 200
    issuer.drop()
    assert drive(app, scope(headers=[cookie_header(issuer, expires_in=-1)]))[0]["status"] == 503


def test_a_body_in_pieces_is_read_whole() -> None:
    app, issuer = wrapped(respond)
    form = [
        ("content-type", "application/x-www-form-urlencoded"),
        cookie_header(issuer, organization_id="org_1"),
    ]
    asked = scope("/auth/organization", method="POST", headers=form)
    pieces = [b"organi", b"zation_id=", b"org_2"]
    received = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    start, body = drive(app, asked, *received, {"type": "http.request", "body": b""})
    assert start["status"] == 200
    assert b'"organization_id":"org_2"' in body["body"]


def test_other_kinds_of_scope_pass_through() -> None:
    seen: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    drive(wrapped(app)[0], {"type": "telemetry"})
    assert seen == ["telemetry"]


def test_a_lifespan_checks_the_settings_and_closes_the_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        for _ in range(2):
            message = await receive()
            await send({"type": f"{message['type']}.complete"})

    up_and_down = {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}
    sent = drive(wrapped(app)[0], {"type": "lifespan"}, *up_and_down)
    assert [message["type"] for message in sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    for name in ("VESTIBULE_CLIENT_ID", "WORKOS_CLIENT_ID"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigError, match="VESTIBULE_CLIENT_ID"):
        drive(Auth(app), {"type": "lifespan"}, *up_and_down)


def test_without_auth_the_line_to_add_is_named() -> None:
    with pytest.raises(NotInstalled, match=r"app = Auth\(app\)"):
        entry_of({})


@pytest.mark.parametrize(
    ("given", "path", "root_path"),
    [
        ({"path": "/a"}, "/a", ""),
        ({"path": "/base/a", "root_path": "/base"}, "/a", "/base"),
        ({"path": "/base", "root_path": "/base/"}, "", "/base"),
        ({"path": "/based", "root_path": "/base"}, "/based", "/base"),
        ({"path": "/a", "root_path": "/base"}, "/a", "/base"),
        ({"path": "/ü x/%2e"}, "/%C3%BC%20x/%252e", ""),
        ({"path": "/a\r\nSet-Cookie: x"}, "/a%0D%0ASet-Cookie:%20x", ""),
    ],
)
def test_the_path_is_what_the_server_says(given: dict[str, Any], path: str, root_path: str) -> None:
    incoming = read_incoming(scope(**given))
    assert (incoming.path, incoming.root_path) == (path, root_path)


def test_repeated_headers_are_joined() -> None:
    incoming = read_incoming(
        scope(headers=[("cookie", "a=1"), ("Cookie", "b=2"), ("accept", "text/html"), ("accept", "*/*")])
    )
    assert incoming.cookies == [("a", "1"), ("b", "2")]
    assert incoming.headers["accept"] == "text/html, */*"
