"""What every operation does before it runs: the key, the size, the kind of body, the method."""

import json
from typing import Any

import httpx2
import pytest

from tests.server.api.conftest import numbers
from tests.servers import Running
from vestibule.server.api.routes import OPERATIONS
from vestibule.server.identity.api_keys import create_api_key, revoke_api_key

PROTECTED = [operation for operation in OPERATIONS if not operation.public]
USERS = "/user_management/users"


def path_of(operation: Any) -> str:
    return operation.path.replace("{", "").replace("}", "")  # type: ignore[no-any-return]


@pytest.mark.parametrize("operation", PROTECTED, ids=lambda each: f"{each.method} {each.path}")
@pytest.mark.parametrize("header", [None, "Bearer sk_test_wrong", "Basic c2s6", "Bearer", "sk_test_1"])
def test_AK_1_no_operation_runs_without_a_key(
    public: httpx2.Client, operation: Any, header: str | None
) -> None:
    headers = {} if header is None else {"authorization": header}
    refused = public.request(operation.method, path_of(operation), headers=headers, json={"user_id": "u"})
    assert refused.status_code == 401
    assert refused.json()["message"]
    assert refused.headers["www-authenticate"] == "Bearer"


def test_AK_2_a_revoked_key_and_a_key_in_the_url_are_refused(server: Running, public: httpx2.Client) -> None:
    key, value = create_api_key(server.identity, "Short-lived")
    headers = {"authorization": f"Bearer {value}"}
    assert public.get(USERS, headers=headers).status_code == 200
    assert public.get(USERS, params={"api_key": value, "access_token": value}).status_code == 401
    revoke_api_key(server.identity, key.id)
    assert public.get(USERS, headers=headers).status_code == 401
    assert public.get(USERS, headers={"authorization": f"Bearer {value[:20]}"}).status_code == 401


def test_whoever_has_no_key_is_not_told_what_is_wrong_with_the_body(public: httpx2.Client) -> None:
    assert public.post(USERS, content=b"{").status_code == 401


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_CS_4_a_body_that_a_foreign_form_could_send_is_refused(api: httpx2.Client, kind: str) -> None:
    content = json.dumps({"email": "a@example.com"}).encode()
    refused = api.post(USERS, content=content, headers={"content-type": kind})
    assert (refused.status_code, refused.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("content", [b"", b"{", b"[" * 60_000, b"\xff", b'{"email":"\\ud800"}'])
def test_SZ_1_what_is_not_json_is_400(api: httpx2.Client, content: bytes) -> None:
    refused = api.post(USERS, content=content, headers={"content-type": "application/json"})
    assert refused.status_code == 400


def test_SZ_1_a_body_over_64_kb_is_413_whether_its_length_is_declared_or_not(api: httpx2.Client) -> None:
    large = b'{"email":"' + b"a" * 70_000 + b'"}'
    headers = {"content-type": "application/json"}
    assert api.post(USERS, content=large, headers=headers).status_code == 413
    pieces = (large[start : start + 4096] for start in range(0, len(large), 4096))
    refused = api.post(USERS, content=pieces, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (413, "content_too_large")
    assert refused.headers["x-request-id"].startswith("req_")


@pytest.mark.parametrize("path", [USERS, "/user_management/authenticate", "/sso/jwks/x", "/healthz"])
def test_CS_2_another_method_is_405_and_names_those_that_work(api: httpx2.Client, path: str) -> None:
    refused = api.request("PATCH", path)
    assert refused.status_code == 405
    assert refused.headers["allow"]
    overridden = api.post(f"/user_management/users/user_{next(numbers)}", data={"_method": "DELETE"})
    assert overridden.status_code == 405


def test_an_unknown_route_has_the_envelope_or_a_page(api: httpx2.Client) -> None:
    unknown = api.get("/user_management/nothing/here")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    page = api.get("/nothing", headers={"accept": "text/html"})
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert api.get(USERS + "/").status_code == 404


def test_every_answer_has_an_id_of_its_own_and_safe_headers(api: httpx2.Client) -> None:
    answers = [api.get("/healthz"), api.get(USERS), api.get("/nope"), api.post(USERS, json={})]
    assert len({answer.headers["x-request-id"] for answer in answers}) == 4
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"


def test_head_is_get_without_a_body(api: httpx2.Client) -> None:
    head, get = api.head(USERS), api.get(USERS)
    assert (head.status_code, head.content) == (get.status_code, b"")


def test_a_key_is_found_in_no_answer(server: Running, api: httpx2.Client) -> None:
    answers = [api.get(USERS), api.post(USERS, json={"email": server.api_key}), api.get("/openapi.json")]
    assert not any(server.api_key in answer.text for answer in answers)


def test_the_document_describes_every_operation(api: httpx2.Client) -> None:
    described = api.get("/openapi.json").json()
    listed = {(method.upper(), path) for path, each in described["paths"].items() for method in each}
    assert listed == {(operation.method, operation.path) for operation in OPERATIONS}
    names = [each["operationId"] for path in described["paths"].values() for each in path.values()]
    assert len(names) == len(set(names))
    create = described["paths"][USERS]["post"]
    assert create["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/CreateUser")
    assert "CreateUser" in described["components"]["schemas"]
