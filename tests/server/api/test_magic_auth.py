from collections.abc import Callable
from typing import Any

import httpx2

from tests.servers import Running

MAGIC = "/user_management/magic_auth"
GRANT = "urn:workos:oauth:grant-type:magic-auth:code"
Create = Callable[..., dict[str, Any]]


def test_a_code_becomes_a_session(
    server: Running, api: httpx2.Client, public: httpx2.Client, create_user: Create
) -> None:
    user = create_user(email_verified=True)
    made = api.post(MAGIC, json={"email": user["email"]})
    assert (made.status_code, made.json()["user_id"]) == (201, user["id"])
    assert api.get(f"{MAGIC}/{made.json()['id']}").json() == made.json()
    answer = server.authenticate(public, grant_type=GRANT, email=user["email"], code=made.json()["code"])
    assert answer.json()["authentication_method"] == "MagicAuth"
    again = server.authenticate(public, grant_type=GRANT, email=user["email"], code=made.json()["code"])
    assert (again.status_code, again.json()["code"]) == (400, "one_time_code_previously_used")
    (session,) = api.get(f"/user_management/users/{user['id']}/sessions").json()["data"]
    assert session["auth_method"] == "magic_code"


def test_a_new_address_signs_up_with_it(server: Running, api: httpx2.Client, public: httpx2.Client) -> None:
    made = api.post(MAGIC, json={"email": "Newcomer@example.com"}).json()
    tokens = server.authenticate(
        public, grant_type=GRANT, email="newcomer@example.com", code=made["code"]
    ).json()
    assert (tokens["user"]["id"], tokens["user"]["email_verified"]) == (made["user_id"], True)


def test_EN_1_unknown_address_and_wrong_code_get_the_same_bytes(
    server: Running, public: httpx2.Client, create_user: Create
) -> None:
    user = create_user()
    answers = [
        server.authenticate(public, grant_type=GRANT, email=email, code="000000")
        for email in (user["email"], "nobody-at-all@example.com", "no address")
    ]
    assert {answer.status_code for answer in answers} == {400}
    assert len({answer.content for answer in answers}) == 1


def test_what_cannot_be_is_refused(server: Running, api: httpx2.Client, public: httpx2.Client) -> None:
    assert api.post(MAGIC, json={"email": "nobody"}).status_code == 422
    assert api.post(MAGIC, json={}).status_code == 422
    assert api.get(f"{MAGIC}/magic_auth_none").status_code == 404
    assert public.post(MAGIC, json={"email": "a@example.com"}).status_code == 401
    refused = api.post(MAGIC, json={"email": "a@example.com", "invitation_token": "unknown"})
    assert (refused.status_code, refused.json()["error"]) == (400, "invitation_invalid")
    refused = server.authenticate(public, grant_type=GRANT, email="a@example.com")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "code_required")


def test_the_fourth_mail_in_a_minute_is_too_many(api: httpx2.Client) -> None:
    answers = [api.post(MAGIC, json={"email": "eager@example.com"}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
    assert answers[3].json()["code"] == "daily_quota_exceeded"
    assert 1 <= int(answers[3].headers["retry-after"]) <= 60


def test_an_invitation_comes_along_with_each_grant(
    server: Running, api: httpx2.Client, public: httpx2.Client
) -> None:
    organization = api.post("/organizations", json={"name": "Acme"}).json()["id"]
    body = {"email": "joiner@example.com", "organization_id": organization}
    token = api.post("/user_management/invitations", json=body).json()["token"]
    made = api.post(MAGIC, json={"email": "joiner@example.com", "invitation_token": token}).json()
    asked = {"grant_type": GRANT, "email": "joiner@example.com", "code": made["code"]}
    refused = server.authenticate(public, **asked, invitation_token="unknown")
    assert (refused.status_code, refused.json()["error"]) == (400, "invitation_invalid")
    answer = server.authenticate(public, **asked, invitation_token=token)
    assert answer.json()["organization_id"] == organization
