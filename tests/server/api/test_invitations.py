from collections.abc import Callable
from itertools import count
from typing import Any

import httpx2
import pytest

from tests.servers import Running

INVITATIONS = "/user_management/invitations"
Create = Callable[..., dict[str, Any]]
numbers = count(1)


@pytest.fixture
def acme(api: httpx2.Client) -> str:
    return str(api.post("/organizations", json={"name": "Acme"}).json()["id"])


@pytest.fixture
def invite(api: httpx2.Client, acme: str) -> Create:
    def create(**values: Any) -> dict[str, Any]:
        body = {"email": f"guest{next(numbers)}@example.com", "organization_id": acme} | values
        response = api.post(INVITATIONS, json=body)
        assert response.status_code == 201, response.text
        return dict(response.json())

    return create


def test_an_invitation_from_beginning_to_end(api: httpx2.Client, invite: Create, create_user: Create) -> None:
    made = invite(role_slug="admin", expires_in_days=3, locale="en-GB")
    assert made["state"] == "pending"
    assert api.get(f"{INVITATIONS}/{made['id']}").json() == made
    assert api.get(f"{INVITATIONS}/by_token/{made['token']}").json() == made
    assert api.post(f"{INVITATIONS}/{made['id']}/resend").json()["token"] == made["token"]
    assert api.post(f"{INVITATIONS}/{made['id']}/resend", json={"locale": "de"}).status_code == 200
    user = create_user(email=made["email"])
    accepted = api.post(f"{INVITATIONS}/{made['id']}/accept").json()
    assert (accepted["state"], accepted["accepted_user_id"]) == ("accepted", user["id"])
    memberships = api.get("/user_management/organization_memberships", params={"user_id": user["id"]}).json()[
        "data"
    ]
    assert [(each["status"], each["role"]["slug"]) for each in memberships] == [("active", "admin")]
    again = api.post(f"{INVITATIONS}/{made['id']}/accept")
    assert (again.status_code, again.json()["code"]) == (400, "invite_not_pending")


def test_revoking(api: httpx2.Client, invite: Create) -> None:
    made = invite()
    assert api.post(f"{INVITATIONS}/{made['id']}/revoke").json()["state"] == "revoked"
    refused = api.post(f"{INVITATIONS}/{made['id']}/revoke")
    assert (refused.status_code, refused.json()["code"]) == (400, "invite_not_pending")
    refused = api.post(f"{INVITATIONS}/{made['id']}/resend")
    assert (refused.status_code, refused.json()["code"]) == (400, "invite_revoked")


def test_lists(api: httpx2.Client, invite: Create, acme: str) -> None:
    made = [invite() for _ in range(3)]
    found = api.get(INVITATIONS, params={"organization_id": acme, "limit": 2}).json()
    assert len(found["data"]) == 2
    after = found["list_metadata"]["after"]
    rest = api.get(INVITATIONS, params={"organization_id": acme, "after": after}).json()
    assert {each["id"] for each in found["data"] + rest["data"]} == {each["id"] for each in made}
    (one,) = api.get(INVITATIONS, params={"email": made[0]["email"].upper()}).json()["data"]
    assert one == made[0]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"expires_in_days": 0}, 400, "expires_in_days_too_short"),
        ({"expires_in_days": 99}, 400, "expires_in_days_too_long"),
        ({"expires_in_days": "7"}, 422, "invalid_request_parameters"),
        ({"role_slug": "emperor"}, 400, "invalid_role"),
        ({"email": "nobody"}, 422, "invalid_request_parameters"),
        ({"email": {"$ne": None}}, 422, "invalid_request_parameters"),
        ({"organization_id": "org_none"}, 404, None),
        ({"inviter_user_id": "user_none"}, 404, None),
    ],
)
def test_what_cannot_be_is_refused(
    api: httpx2.Client, acme: str, body: dict[str, Any], status: int, code: str | None
) -> None:
    given = {"email": f"guest{next(numbers)}@example.com", "organization_id": acme} | body
    response = api.post(INVITATIONS, json=given)
    assert (response.status_code, response.json().get("code")) == (status, code)


def test_inviting_twice_is_refused(api: httpx2.Client, invite: Create, acme: str) -> None:
    made = invite()
    refused = api.post(INVITATIONS, json={"email": made["email"], "organization_id": acme})
    assert (refused.status_code, refused.json()["code"]) == (400, "email_already_invited_to_organization")


def test_IN_3_a_role_above_the_inviters_is_forbidden(
    api: httpx2.Client, create_user: Create, acme: str
) -> None:
    user = create_user()
    api.post(
        "/user_management/organization_memberships", json={"user_id": user["id"], "organization_id": acme}
    )
    body = {"email": "x@example.com", "organization_id": acme, "inviter_user_id": user["id"]}
    refused = api.post(INVITATIONS, json=body | {"role_slug": "admin"})
    assert (refused.status_code, refused.json()["code"]) == (403, "role_above_inviter")


@pytest.mark.parametrize("action", ["accept", "resend", "revoke"])
def test_unknown_ones_are_not_found(api: httpx2.Client, action: str) -> None:
    assert api.post(f"{INVITATIONS}/invitation_none/{action}").status_code == 404
    assert api.get(f"{INVITATIONS}/invitation_none").status_code == 404
    assert api.get(f"{INVITATIONS}/by_token/none").status_code == 404


def test_every_operation_needs_the_key(server: Running, public: httpx2.Client, invite: Create) -> None:
    made = invite()
    for answer in (
        public.get(INVITATIONS),
        public.get(f"{INVITATIONS}/by_token/{made['token']}"),
        public.post(f"{INVITATIONS}/{made['id']}/accept"),
    ):
        assert answer.status_code == 401


def test_a_lost_answer_invites_once(api: httpx2.Client, acme: str) -> None:
    body = {"email": f"guest{next(numbers)}@example.com", "organization_id": acme}
    answers = [api.post(INVITATIONS, json=body, headers={"idempotency-key": body["email"]}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
