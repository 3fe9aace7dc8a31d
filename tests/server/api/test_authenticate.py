from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import httpx2
import pytest

from tests.server.api.conftest import PASSWORD
from tests.server.hosted import Pkce, sign_in
from tests.servers import Running
from vestibule.crypto.jwt import verify
from vestibule.crypto.keys import parse_key_set

AUTHENTICATE = "/user_management/authenticate"
CALLBACK = "http://localhost:3000/callback"
Create = Callable[..., dict[str, Any]]
numbers = count(1)


@pytest.fixture(scope="module", autouse=True)
def redirect_uri(api: httpx2.Client) -> None:
    api.post("/user_management/redirect_uris", json={"uri": "http://localhost/callback"})


@pytest.fixture
def ada(create_user: Create) -> dict[str, Any]:
    return create_user(password=PASSWORD, email_verified=True, first_name="Ada")


@pytest.fixture
def browser(server: Running) -> Iterator[httpx2.Client]:
    with server.browser() as browser:
        yield browser


@pytest.fixture
def organizations(api: httpx2.Client, ada: dict[str, Any]) -> list[str]:
    """Two, of which Ada is a member."""
    found = [api.post("/organizations", json={"name": name}).json()["id"] for name in ("One", "Two")]
    for organization_id in found:
        body = {"user_id": ada["id"], "organization_id": organization_id, "role_slug": "admin"}
        assert api.post("/user_management/organization_memberships", json=body).status_code == 201
    return found


def claims_of(server: Running, public: httpx2.Client, token: str) -> dict[str, Any]:
    keys = parse_key_set(public.get(f"/sso/jwks/{server.client_id}").content)
    now = server.identity.now.timestamp()
    return dict(verify(token, keys, now=now, issuers=[server.url], audience=server.client_id))


def code_of(server: Running, browser: httpx2.Client, ada: dict[str, Any], **asked: str) -> str:
    asked = {"redirect_uri": CALLBACK, "state": "s*~s"} | asked
    answer = sign_in(server, browser, email=ada["email"], password=PASSWORD, **asked)
    assert answer["state"] == "s*~s"
    return answer["code"]


def test_a_password_becomes_a_session(server: Running, public: httpx2.Client, ada: dict[str, Any]) -> None:
    answer = server.authenticate(public, grant_type="password", email=ada["email"], password=PASSWORD)
    tokens = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert tokens["user"]["id"] == ada["id"]
    assert tokens["authentication_method"] == "Password"
    assert "organization_id" not in tokens
    claims = claims_of(server, public, tokens["access_token"])
    assert (claims["sub"], claims["iss"], claims["aud"]) == (ada["id"], server.url, server.client_id)
    assert "org_id" not in claims


def test_EN_1_unknown_address_and_wrong_password_get_the_same_bytes(
    server: Running, public: httpx2.Client, ada: dict[str, Any]
) -> None:
    unknown = f"nobody{next(numbers)}@example.com"
    answers = [
        server.authenticate(public, grant_type="password", email=email, password="not-the-password-1")
        for email in (ada["email"], unknown)
    ]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[0].content == answers[1].content
    assert answers[0].json()["code"] == "invalid_credentials"
    varying = {"date", "x-request-id"}
    first, second = ({k: v for k, v in each.headers.items() if k not in varying} for each in answers)
    assert first == second


def test_RL_1_tries_are_limited_per_account(
    server: Running, public: httpx2.Client, ada: dict[str, Any]
) -> None:
    grant = {"grant_type": "password", "email": ada["email"], "password": "not-the-password-1"}
    statuses = [
        server.authenticate(public, **grant, ip_address=f"192.0.2.{i}").status_code for i in range(11)
    ]
    assert statuses == [400] * 10 + [429]
    limited = server.authenticate(public, **grant | {"password": PASSWORD})
    assert limited.status_code == 429
    assert int(limited.headers["retry-after"]) >= 1


def test_a_code_with_its_verifier_needs_no_secret(
    server: Running, public: httpx2.Client, browser: httpx2.Client, ada: dict[str, Any]
) -> None:
    pkce = Pkce()
    asked = {"code_challenge": pkce.challenge, "code_challenge_method": "S256"}
    body = {
        "client_id": server.client_id,
        "grant_type": "authorization_code",
        "code": code_of(server, browser, ada, **asked),
        "code_verifier": pkce.verifier,
    }
    tokens = public.post(AUTHENTICATE, json=body).json()
    assert tokens["user"]["email"] == ada["email"]
    again = public.post(AUTHENTICATE, json=body)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    refresh = {
        "client_id": server.client_id,
        "grant_type": "refresh_token",
        "refresh_token": tokens["refresh_token"],
    }
    revoked = public.post(AUTHENTICATE, json=refresh)
    assert revoked.json()["error"] == "invalid_grant", "the second use ends what the first one opened"


def test_AS_1_neither_secret_nor_verifier_is_never_enough(
    server: Running, public: httpx2.Client, browser: httpx2.Client, ada: dict[str, Any]
) -> None:
    body = {"client_id": server.client_id, "grant_type": "authorization_code"}
    refused = public.post(AUTHENTICATE, json=body | {"code": code_of(server, browser, ada)})
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_client")


def test_AS_1_a_secret_does_not_replace_the_verifier(
    server: Running, public: httpx2.Client, browser: httpx2.Client, ada: dict[str, Any]
) -> None:
    asked = {"code_challenge": Pkce().challenge, "code_challenge_method": "S256"}
    code = code_of(server, browser, ada, **asked)
    refused = server.authenticate(public, grant_type="authorization_code", code=code)
    assert refused.json()["error"] == "invalid_grant"


def test_a_code_with_the_secret_alone(
    server: Running, public: httpx2.Client, browser: httpx2.Client, ada: dict[str, Any]
) -> None:
    code = code_of(server, browser, ada)
    assert server.authenticate(public, grant_type="authorization_code", code=code).status_code == 200


def test_a_refresh_rotates_and_a_lost_answer_can_be_asked_for_again(
    server: Running, public: httpx2.Client, ada: dict[str, Any]
) -> None:
    first = server.authenticate(public, grant_type="password", email=ada["email"], password=PASSWORD).json()
    grant = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = server.authenticate(public, **grant).json()
    third = server.authenticate(public, **grant).json()
    assert first["refresh_token"] != second["refresh_token"] == third["refresh_token"]
    before, after = (claims_of(server, public, each["access_token"]) for each in (first, second))
    assert before["sid"] == after["sid"]
    assert before["jti"] != after["jti"]


def test_switching_the_organization_moves_the_session_and_it_stays_there(
    server: Running, public: httpx2.Client, ada: dict[str, Any], organizations: list[str]
) -> None:
    step = server.authenticate(public, grant_type="password", email=ada["email"], password=PASSWORD)
    assert (step.status_code, step.json()["code"]) == (403, "organization_selection_required")
    assert {each["id"] for each in step.json()["organizations"]} == set(organizations)
    assert step.json()["user"]["created_at"] == ada["created_at"]
    tokens = server.authenticate(
        public,
        grant_type="urn:workos:oauth:grant-type:organization-selection",
        pending_authentication_token=step.json()["pending_authentication_token"],
        organization_id=organizations[0],
    ).json()
    assert tokens["organization_id"] == organizations[0]
    assert claims_of(server, public, tokens["access_token"])["role"] == "admin"
    grant = {"grant_type": "refresh_token"}
    moved = server.authenticate(
        public, **grant, refresh_token=tokens["refresh_token"], organization_id=organizations[1]
    ).json()
    assert moved["organization_id"] == organizations[1]
    stayed = server.authenticate(public, **grant, refresh_token=moved["refresh_token"]).json()
    assert stayed["organization_id"] == organizations[1]


def test_OG_1_an_organization_without_membership_leaves_the_session_intact(
    server: Running, api: httpx2.Client, public: httpx2.Client, ada: dict[str, Any]
) -> None:
    other = api.post("/organizations", json={"name": "Not hers"}).json()["id"]
    tokens = server.authenticate(public, grant_type="password", email=ada["email"], password=PASSWORD).json()
    grant = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    refusals = [
        server.authenticate(public, **grant, organization_id=organization_id)
        for organization_id in (other, "org_01NOTHING000000000000000000")
    ]
    assert {refused.json()["error"] for refused in refusals} == {"organization_membership_not_found"}
    assert refusals[0].content == refusals[1].content
    assert server.authenticate(public, **grant).status_code == 200


def test_an_unverified_address_is_verified_on_the_way(
    server: Running, api: httpx2.Client, public: httpx2.Client, create_user: Create
) -> None:
    user = create_user(password=PASSWORD)
    step = server.authenticate(public, grant_type="password", email=user["email"], password=PASSWORD)
    assert (step.status_code, step.json()["code"]) == (403, "email_verification_required")
    assert step.json()["email"] == user["email"]
    found = api.get(f"/user_management/email_verification/{step.json()['email_verification_id']}").json()
    tokens = server.authenticate(
        public,
        grant_type="urn:workos:oauth:grant-type:email-verification:code",
        pending_authentication_token=step.json()["pending_authentication_token"],
        code=found["code"],
    ).json()
    assert tokens["user"]["email_verified"] is True


def test_a_form_is_understood_too(server: Running, public: httpx2.Client, ada: dict[str, Any]) -> None:
    body = {
        "client_id": server.client_id,
        "client_secret": server.api_key,
        "grant_type": "password",
        "email": ada["email"],
        "password": PASSWORD,
    }
    assert public.post(AUTHENTICATE, data=body).json()["user"]["id"] == ada["id"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "invalid_request_parameters"),
        ({"grant_type": "password"}, 422, "invalid_request_parameters"),
        ({"grant_type": "authorization_code", "code": ""}, 422, "invalid_request_parameters"),
        ({"grant_type": "refresh_token", "refresh_token": "unknown"}, 400, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": "unknown"}, 400, "invalid_grant"),
        (
            {"grant_type": "refresh_token", "refresh_token": "x", "client_id": "client_x"},
            400,
            "invalid_client",
        ),
        (
            {"grant_type": "refresh_token", "refresh_token": "x", "client_secret": "bad"},
            400,
            "invalid_client",
        ),
    ],
)
def test_refusals_have_the_envelope_that_clients_read(
    server: Running, public: httpx2.Client, body: dict[str, str], status: int, code: str
) -> None:
    refused = server.authenticate(public, **body)
    assert refused.status_code == status
    assert refused.json().get("code") or refused.json()["error"]
    assert code in (refused.json().get("code"), refused.json().get("error"))


def test_AS_3_other_grants_are_refused(server: Running) -> None:
    with httpx2.Client(base_url=server.url) as client:
        refused = server.authenticate(client, grant_type="implicit")
    assert (refused.status_code, refused.json()["error"]) == (400, "unsupported_grant_type")


def test_the_key_set_is_public_and_may_be_kept_for_five_minutes(
    server: Running, public: httpx2.Client
) -> None:
    found = public.get(f"/sso/jwks/{server.client_id}")
    assert found.headers["cache-control"] == "public, max-age=300"
    assert "set-cookie" not in found.headers
    (key,) = found.json()["keys"]
    assert {"alg", "kty", "use", "x5c", "n", "e", "kid", "x5t#S256"} <= set(key)
    assert "d" not in key
    assert public.get("/sso/jwks/client_other").status_code == 404
