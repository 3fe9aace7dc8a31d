"""The same request under the same Idempotency-Key is carried out once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx2

from tests.server.api.conftest import PASSWORD, numbers
from tests.servers import Running
from vestibule.server.identity.secrets import digest

USERS = "/user_management/users"
Create = Callable[..., dict[str, Any]]


def key() -> dict[str, str]:
    return {"idempotency-key": str(uuid4())}


def email() -> str:
    return f"repeated{next(numbers)}@example.com"


def test_a_repeated_request_gets_the_very_same_answer(api: httpx2.Client) -> None:
    body, headers = {"email": email()}, key()
    first = api.post(USERS, json=body, headers=headers)
    second = api.post(USERS, json=body, headers=headers)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert second.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert len(api.get(USERS, params=body).json()["data"]) == 1


def test_a_refusal_is_repeated_too(api: httpx2.Client, create_user: Create) -> None:
    body, headers = {"email": create_user()["email"]}, key()
    first = api.post(USERS, json=body, headers=headers)
    second = api.post(USERS, json=body, headers=headers)
    assert (first.status_code, second.content) == (400, first.content)


def test_a_key_is_for_one_request_only(api: httpx2.Client) -> None:
    headers = key()
    api.post(USERS, json={"email": email()}, headers=headers)
    reused = api.post(USERS, json={"email": email()}, headers=headers)
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")
    elsewhere = api.post("/organizations", json={"name": "Elsewhere"}, headers=headers)
    assert elsewhere.json()["code"] == "idempotency_key_reused"


def test_without_a_key_nothing_is_remembered(api: httpx2.Client) -> None:
    names = [api.post("/organizations", json={"name": "Twice"}).json()["id"] for _ in range(2)]
    assert len(set(names)) == 2


def test_a_key_that_is_too_long_is_refused(api: httpx2.Client) -> None:
    refused = api.post("/organizations", json={"name": "X"}, headers={"idempotency-key": "x" * 256})
    assert refused.status_code == 422


def test_many_at_once_make_one_user_and_the_others_wait_or_repeat(server: Running) -> None:
    body, headers = {"email": email()}, key()

    def post(_: int) -> httpx2.Response:
        with server.client() as client:
            return client.post(USERS, json=body, headers=headers)

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(post, range(24)))
    made = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    others = [answer for answer in answers if answer.status_code != 201]
    assert len(made) == 1
    assert all(answer.json()["code"] == "idempotency_key_in_use" for answer in others)
    with server.client() as client:
        assert len(client.get(USERS, params=body).json()["data"]) == 1


def test_a_lost_answer_to_a_code_exchange_can_be_asked_for_again(
    server: Running, api: httpx2.Client, create_user: Create
) -> None:
    """Without the key the second use of a code ends the session: RFC 6749 §4.1.2."""
    user = create_user(password=PASSWORD, email_verified=True)
    body = {
        "client_id": server.client_id,
        "client_secret": server.api_key,
        "grant_type": "password",
        "email": user["email"],
        "password": PASSWORD,
    }
    headers = key()
    first = api.post("/user_management/authenticate", json=body, headers=headers).json()
    assert api.post("/user_management/authenticate", json=body, headers=headers).json() == first
    without = api.post("/user_management/authenticate", json=body).json()
    assert without["refresh_token"] != first["refresh_token"]


def test_LG_1_stored_answers_hold_no_token_in_clear(
    server: Running, api: httpx2.Client, create_user: Create
) -> None:
    user = create_user(password=PASSWORD, email_verified=True)
    headers = key()
    body = {"email": user["email"]}
    reset = api.post("/user_management/password_reset", json=body, headers=headers).json()
    with server.identity.store.read() as tx:
        statement = "SELECT answer_sealed FROM idempotent_requests WHERE answer_sealed IS NOT NULL"
        stored = [row[0] for row in tx.connection.exec_driver_sql(statement)]
    assert stored
    assert not any(reset["password_reset_token"] in sealed for sealed in stored)


def test_refusals_that_anybody_can_cause_fill_no_table(server: Running, public: httpx2.Client) -> None:
    headers = key()
    body = {"client_id": "client_other", "grant_type": "authorization_code", "code": "x"}
    public.post("/user_management/authenticate", json=body, headers=headers)
    hashed = digest("/user_management/authenticate\n" + headers["idempotency-key"])
    with server.identity.store.read() as tx:
        statement = "SELECT count(*) FROM idempotent_requests WHERE key_hash = ?"
        (found,) = tx.connection.exec_driver_sql(statement, (hashed,)).one()
    assert found == 0
