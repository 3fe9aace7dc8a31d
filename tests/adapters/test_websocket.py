"""WebSockets: the handshake carries the session in and its cookie out."""

from collections.abc import Mapping

import pytest
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect

from tests.adapters.driving import drive, scope
from tests.adapters.rigs import Rig, build
from vestibule.testing import sign_in


@pytest.fixture(params=["starlette", "fastapi", "litestar", "quart"])
def rig(request: pytest.FixtureRequest) -> Rig:
    return build(request.param)


def hear(client: TestClient, path: str, headers: Mapping[str, str] | None = None) -> tuple[object, list[str]]:
    with client.websocket_connect(f"ws://localhost{path}", headers=dict(headers or {})) as socket:
        cookies = [value.decode() for name, value in socket.extra_headers or [] if name == b"set-cookie"]
        return socket.receive_json(), cookies


def test_a_websocket_knows_who_is_there(rig: Rig) -> None:
    assert hear(rig.client, "/ws") == ({"email": None}, [])
    sign_in(rig.client, email="ada@example.com")
    assert hear(rig.client, "/private-ws") == ({"email": "ada@example.com"}, [])


def test_the_accept_carries_a_refreshed_cookie(rig: Rig) -> None:
    sign_in(rig.client, expires_in=-1)
    _, cookies = hear(rig.client, "/ws")
    assert len(cookies) == 1
    assert cookies[0].startswith("wos-session=Fe26.2")


def test_a_guarded_websocket_refuses_with_a_401(rig: Rig) -> None:
    with pytest.raises(WebSocketDenialResponse) as caught:
        hear(rig.client, "/private-ws")
    assert caught.value.status_code == 401
    assert caught.value.json()["error"]["code"] == "signed_out"


def test_a_guarded_websocket_during_an_outage_refuses_with_a_503(rig: Rig) -> None:
    sign_in(rig.client, expires_in=-1)
    rig.issuer.drop()
    with pytest.raises(WebSocketDenialResponse) as caught:
        hear(rig.client, "/private-ws")
    assert caught.value.status_code == 503


def test_a_websocket_from_another_site_is_refused(rig: Rig) -> None:
    sign_in(rig.client)
    with pytest.raises(WebSocketDisconnect):
        hear(rig.client, "/ws", {"Origin": "https://evil.example"})
    assert hear(rig.client, "/ws", {"Origin": "http://localhost"})[0] == {"email": "ada@example.com"}


def test_a_server_that_cannot_answer_a_handshake_closes_it(rig: Rig) -> None:
    handshake = {**scope("/private-ws"), "type": "websocket", "scheme": "ws", "subprotocols": []}
    del handshake["method"]  # a handshake has none
    (close,) = drive(rig.client.app, handshake, {"type": "websocket.connect"})
    # Before the accept the server makes a 403 of any code; Quart has its own.
    assert (close["type"], close["code"]) == ("websocket.close", 1000 if rig.name == "quart" else 1008)
