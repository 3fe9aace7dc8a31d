"""Every request that Aura's unmodified client was recorded making, made to us: it finds what it looks for."""

import json
from typing import Any

import pytest

from tests.direct.aura.aura_vectors import vectors
from tests.direct.aura.stage import MAIN, Answer, Stage
from tests.direct.conftest import Make
from vestibule.direct.aura import Aura

CASES = vectors()["client"]["cases"]
# What ours says to them; to all others the client gets a success.
OTHERWISE = {
    "signUp": 404,  # the accounts are the app's, and so is making them
    "signIn/session": 422,  # no provider
    "signIn/credentials": 401,  # not the password of the stage
}
PREFIX = "/api/auth"


def signed_in(provider: str = "github") -> Stage:
    stage = Stage(settings={"keep_tokens": True, "browser_provider_tokens": True})
    stage.sign_in(provider)
    return stage


def made(stage: Stage, request: dict[str, Any]) -> Answer:
    """As the client makes it, with a pair of ours where it has the stub's."""
    headers = dict(request["headers"]) | {"sec-fetch-mode": "cors", "accept": "*/*"}
    if "x-csrf-token" in headers:
        headers |= stage.pair()
    return stage.ask(
        request["method"], request["path"].removeprefix(PREFIX), headers=headers, body=request["body"]
    )


def distinct() -> list[Any]:
    found = {}
    for case in CASES:
        for request in case.get("wire_requests", []):
            if request["path"].startswith(PREFIX) and "cookie" not in dict(request["headers"]):
                found[json.dumps([request["method"], request["path"], request["body"]])] = request
    return [
        pytest.param(each, id=f"{each['method']} {each['path'][len(PREFIX) :]}") for each in found.values()
    ]


@pytest.mark.parametrize("request_of_client", distinct())
def test_each_request_of_the_client_is_understood(request_of_client: dict[str, Any]) -> None:
    answer = made(signed_in(), request_of_client)
    expected = [status for part, status in OTHERWISE.items() if f"/{part}" in request_of_client["path"]]
    assert answer.status == (expected[0] if expected else answer.status)
    assert expected or answer.status in (200, 202)
    assert isinstance(answer.json, dict)


@pytest.mark.parametrize(
    "case", [pytest.param(each, id=each["id"]) for each in CASES if each["id"].endswith("__ok_200")]
)
def test_the_client_finds_what_it_looks_for(case: dict[str, Any]) -> None:
    """The members of what the recording's stub answered, down to those of the user."""
    # GitHub has no way of ending a token that is the standard's.
    provider = "fake" if "revoke" in case["id"] else "github"
    stage = signed_in(provider)
    for request in case["wire_requests"]:
        stub = case["stub_replies"][f"{request['method']} {request['path'].partition('?')[0]}"]["body"]
        if "signUp" in request["path"]:
            continue
        if "credentials" in request["path"]:
            request = {**request, "body": request["body"].replace('"pw"', '"correct horse"')}
        answer = made(stage, {**request, "path": request["path"].replace("github", provider)}).json
        assert answer.keys() >= stub.keys()
        assert answer.get("success", True) is True
        if "session" in stub:
            assert answer["session"].keys() == stub["session"].keys()
            assert set(answer["session"]["user"]) <= {"sub", "name", "email", "image"}
        if "redirectURL" in stub and "redirectTo=undefined" not in request["path"]:
            assert answer["redirectURL"] == stub["redirectURL"]


def test_the_server_functions_of_the_guide_do_what_it_says(either: Make) -> None:
    """Run literally against Aura none of the three does: no session, no sign-in, no sign-out."""
    assert len(vectors()["guide"]["cases"]) == 3
    browser = either("github", aura=Aura(secret=MAIN["secret"], salt=MAIN["salt"])).browser()
    assert browser.do("session").json["authenticated"] is False
    hop = browser.do("sign_in", redirect="no", return_to="/me").json["url"]
    back = browser.open(browser.agree(browser.open(hop).location), site="cross-site")
    assert (back.status, back.location) == (302, "/me")
    assert browser.do("session").json == {"authenticated": True, "reason": None, "email": "ada@example.com"}
    assert browser.do("update", name="Countess").json["name"] == "Countess"
    assert browser.get("/auth/session").json["session"]["user"]["name"] == "Countess"
    assert browser.do("sign_out").json["success"] is True
    assert "aura-auth.session_token" not in browser.cookies
    assert browser.get("/auth/session").json["authenticated"] is False


def test_no_recording_of_the_client_is_left_out() -> None:
    assert len(CASES) == 134
    assert len(distinct()) == 18
