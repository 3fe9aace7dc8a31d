import json
from typing import Any

import pytest

from tests.vectors.reading import vectors
from vestibule.flow import HttpRequest
from vestibule.session.token_requests import exchange_request, refresh_request

BASE = "https://api.workos.com"
KEY = "retry-<uuid4>"


def build(body: dict[str, str]) -> HttpRequest:
    client: dict[str, Any] = {"client_id": body["client_id"], "client_secret": body["client_secret"]}
    if body["grant_type"] == "authorization_code":
        code, verifier = body["code"], body["code_verifier"]
        return exchange_request(BASE, **client, code=code, code_verifier=verifier, idempotency_key=KEY)
    return refresh_request(
        BASE,
        **client,
        refresh_token=body["refresh_token"],
        organization_id=body.get("organization_id"),
        idempotency_key=KEY,
    )


@pytest.mark.parametrize("vector", vectors()["http_requests"])
def test_requests_are_those_of_the_peers(vector: dict[str, Any]) -> None:
    request = build(vector["body"])
    assert (request.method, request.url) == (vector["method"], vector["url"])
    assert list(json.loads(request.body).items()) == list(vector["body"].items())
    ours = dict(request.headers)
    assert ours.pop("User-Agent").startswith("vestibule/")
    assert ours.pop("Prefer", None) == ("wait=3" if vector["body"]["grant_type"] == "refresh_token" else None)
    theirs = {key: value for key, value in vector["headers"].items() if key != "User-Agent"}
    assert ours == theirs


def test_a_public_client_sends_no_secret() -> None:
    requests = (
        exchange_request(BASE, client_id="c", code="C", code_verifier="V"),
        refresh_request(BASE, client_id="c", refresh_token="R"),
    )
    for request in requests:
        assert "Authorization" not in request.headers
        assert "client_secret" not in json.loads(request.body)


def test_equal_refreshes_are_shared_and_others_are_not() -> None:
    def share(token: str, organization: str | None = None) -> str | None:
        return refresh_request(BASE, client_id="c", refresh_token=token, organization_id=organization).share

    assert share("R") == share("R")
    assert len({share("R"), share("R2"), share("R", "org_1"), share("R", "org_2")}) == 4
    assert "R" not in str(share("R"))


def test_an_unpaired_surrogate_does_not_break_the_request() -> None:
    request = refresh_request(BASE, client_id="c", refresh_token="\ud800")
    assert json.loads(request.body)["refresh_token"] == "\ud800"


def test_a_refresh_is_tried_three_times_in_three_seconds() -> None:
    request = refresh_request(BASE, client_id="c", refresh_token="R")
    assert (request.attempts, request.deadline) == (3, 3.0)


def test_a_code_is_never_shared_and_asked_for_twice_at_most() -> None:
    request = exchange_request(BASE, client_id="c", code="C", code_verifier="V")
    assert request.share is None
    assert request.attempts == 2


def test_each_request_has_its_own_idempotency_key() -> None:
    first = exchange_request(BASE, client_id="c", code="C", code_verifier="V")
    second = exchange_request(BASE, client_id="c", code="C", code_verifier="V")
    assert first.headers["Idempotency-Key"] != second.headers["Idempotency-Key"]


def test_the_address_and_browser_of_the_user_are_passed_on() -> None:
    request = exchange_request(
        BASE, client_id="c", code="C", code_verifier="V", ip_address="192.0.2.1", user_agent="Browser"
    )
    body = json.loads(request.body)
    assert (body["ip_address"], body["user_agent"]) == ("192.0.2.1", "Browser")
