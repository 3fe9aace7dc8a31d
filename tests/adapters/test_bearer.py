"""API clients beside browsers: access tokens and API keys in each framework."""

import pytest
from starlette.testclient import WebSocketDenialResponse

from tests.adapters.conftest import Build
from tests.adapters.rigs import FETCH, NAVIGATE, Rig, build
from tests.session.office import Office
from vestibule.testing import sign_in

ON = {"bearer": True, "api_keys": True}


@pytest.fixture
def rig(make: Build) -> Rig:
    return with_office(make(settings=ON))


def with_office(rig: Rig) -> Rig:
    rig.issuer = Office(rig.issuer.config, clock=rig.clock)
    rig.auth.transport = rig.issuer
    return rig


def office(rig: Rig) -> Office:
    assert isinstance(rig.issuer, Office)
    return rig.issuer


def shown(value: str, **more: str) -> dict[str, str]:
    return {**FETCH, **more, "Authorization": f"Bearer {value}"}


def test_a_token_is_let_in_and_no_cookie_leaves(rig: Rig) -> None:
    token = office(rig).token(organization_id="org_1", permissions=["invoices:read"])
    answer = rig.get("/me", shown(token))
    assert (answer.status, answer.json["organization_id"]) == (200, "org_1")
    assert answer.set_cookies == []
    assert rig.get("/invoices", shown(token)).text == "invoices"
    assert rig.get("/group/x", shown(token)).status == 403


def test_a_stream_knows_the_token_after_it_has_begun(rig: Rig) -> None:
    token = office(rig).token(claims={"email": "ada@example.com"})
    assert rig.get("/stream", shown(token)).text == "started ada@example.com"


def test_a_key_is_let_in_and_refused_as_soon_as_it_is_revoked(rig: Rig) -> None:
    key = office(rig).api_key(permissions=["invoices:read"])
    assert rig.get("/invoices", shown(key)).text == "invoices"
    office(rig).keys.clear()
    answer = rig.get("/invoices", shown(key))
    assert answer.status == 401
    assert answer.json["error"]["code"] == "invalid_token"
    assert answer["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_a_server_that_does_not_answer_about_a_key_is_a_503(rig: Rig) -> None:
    key = office(rig).api_key()
    office(rig).drop()
    answer = rig.get("/me", shown(key))
    assert answer.status == 503
    assert answer.json["error"]["code"] == "unreachable"


def test_a_bad_token_is_a_401_also_for_a_browser_and_beside_a_good_cookie(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth)
    assert rig.get("/me").status == 200
    for headers in (shown("nonsense"), {**NAVIGATE, "Authorization": "Bearer nonsense"}):
        answer = rig.get("/me", headers)
        assert answer.status == 401
        assert "Location" not in answer
    assert rig.get("/me", {**FETCH, "Authorization": "Basic YTpi"}).status == 200


def test_CS_1_what_a_token_decides_may_come_from_anywhere(rig: Rig) -> None:
    elsewhere = {"Origin": "https://app.example", "Sec-Fetch-Site": "cross-site"}
    token = office(rig).token()
    assert rig.post("/note", "hello", shown(token, **elsewhere)).text == "hello"
    assert rig.post("/note", "hello", {**FETCH, **elsewhere}).status == 403
    basic = {**FETCH, **elsewhere, "Authorization": "Basic YTpi"}
    assert rig.post("/note", "hello", basic).status == 403


def test_LG_1_neither_tokens_nor_keys_are_logged(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    token, key = office(rig).token(expires_in=-999), office(rig).api_key()
    office(rig).keys.clear()
    for value in (token, key):
        assert rig.get("/me", shown(value)).status == 401
    assert len([each for each in caplog.records if "credential_refused" in each.getMessage()]) == 2
    for value in (token, key):
        assert value not in caplog.text
        assert value not in repr(office(rig).requests)


def test_whole_app_protection_takes_tokens_too(make: Build) -> None:
    rig = with_office(make(settings={**ON, "protect": True}))
    assert rig.get("/public").status == 401
    assert rig.get("/public", shown(office(rig).token())).text == "public"


def test_an_api_client_keeps_no_data(rig: Rig) -> None:
    answer = rig.post("/act?do=data&then=size:1", headers=shown(office(rig).token()))
    assert answer.status == 500
    assert answer.json["error"]["code"] == "data_not_kept"


@pytest.mark.parametrize("name", ["starlette", "fastapi", "litestar"])
def test_a_websocket_takes_a_token(name: str) -> None:
    rig = with_office(build(name, settings=ON))
    token = office(rig).token(claims={"email": "ada@example.com"})
    headers = {"Authorization": f"Bearer {token}"}
    with rig.client.websocket_connect("ws://localhost/private-ws", headers=headers) as socket:
        assert socket.receive_json() == {"email": "ada@example.com"}
    bad = {"Authorization": "Bearer nonsense"}
    with (
        pytest.raises(WebSocketDenialResponse) as caught,
        rig.client.websocket_connect("ws://localhost/private-ws", headers=bad),
    ):
        raise AssertionError("it opened")
    assert caught.value.status_code == 401
