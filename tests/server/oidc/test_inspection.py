"""What clients do with tokens: ask about one, or end it."""

import base64
from typing import Any

import httpx2
import pytest

from tests.clocks import Clock
from tests.server.hosted import Pkce, sign_in
from tests.server.oidc.conftest import ADA, CALLBACK, PASSWORD
from tests.servers import Running
from vestibule.crypto.jwt import decode_unverified

UNKNOWN = ["", "garbage", "a.b.c", "x" * 43, "x" * 20_000]


def basic(server: Running, *, secret: str | None = None) -> dict[str, str]:
    text = f"{server.client_id}:{secret or server.api_key}"
    return {"authorization": "Basic " + base64.b64encode(text.encode()).decode()}


def tokens(server: Running, client: httpx2.Client, browser: httpx2.Client, **asked: str) -> dict[str, Any]:
    pkce = Pkce()
    asked = {
        "redirect_uri": CALLBACK,
        "scope": "openid email",
        "code_challenge": pkce.challenge,
        "code_challenge_method": "S256",
    } | asked
    code = sign_in(server, browser, email=ADA, password=PASSWORD, path="/oauth2/authorize", **asked)["code"]
    body = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "client_id": server.client_id,
        "code_verifier": pkce.verifier,
    }
    return dict(client.post("/oauth2/token", data=body).json())


def refresh(server: Running, client: httpx2.Client, token: str, **more: str) -> httpx2.Response:
    body = {"grant_type": "refresh_token", "refresh_token": token, "client_id": server.client_id}
    return client.post("/oauth2/token", data=body | more)


def introspect(server: Running, client: httpx2.Client, token: str) -> dict[str, Any]:
    answer = client.post("/oauth2/introspect", data={"token": token}, headers=basic(server))
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    return dict(answer.json())


def test_an_access_token_is_active_until_its_session_ends(
    server: Running, client: httpx2.Client, browser: httpx2.Client
) -> None:
    found = tokens(server, client, browser)
    told = introspect(server, client, found["access_token"])
    claims = decode_unverified(found["access_token"])
    assert (told["active"], told["token_type"], told["scope"]) == (True, "Bearer", "openid email")
    assert {name: told[name] for name in claims} == claims
    client.get("/user_management/sessions/logout", params={"session_id": claims["sid"]})
    assert introspect(server, client, found["access_token"]) == {"active": False}


def test_an_access_token_ends_with_its_time(
    server: Running, client: httpx2.Client, browser: httpx2.Client, clock: Clock
) -> None:
    found = tokens(server, client, browser)
    clock.advance(seconds=301)
    assert introspect(server, client, found["access_token"]) == {"active": False}
    assert introspect(server, client, found["refresh_token"])["active"]


def test_a_refresh_token_is_active_until_it_is_used(
    server: Running, client: httpx2.Client, browser: httpx2.Client
) -> None:
    found = tokens(server, client, browser)
    told = introspect(server, client, found["refresh_token"])
    assert (told["active"], told["sub"]) == (True, decode_unverified(found["access_token"])["sub"])
    successor = refresh(server, client, found["refresh_token"]).json()["refresh_token"]
    assert introspect(server, client, found["refresh_token"]) == {"active": False}
    assert introspect(server, client, successor)["active"]


def test_an_id_token_is_no_token_to_ask_about(
    server: Running, client: httpx2.Client, browser: httpx2.Client
) -> None:
    found = tokens(server, client, browser)
    assert introspect(server, client, found["id_token"]) == {"active": False}
    client.post("/oauth2/revoke", data={"token": found["id_token"]}, headers=basic(server))
    assert refresh(server, client, found["refresh_token"]).status_code == 200


@pytest.mark.parametrize("token", UNKNOWN[1:])
def test_AS_4_what_is_no_token_of_ours_is_inactive_and_revoked_in_silence(
    server: Running, client: httpx2.Client, token: str
) -> None:
    assert introspect(server, client, token) == {"active": False}
    answer = client.post("/oauth2/revoke", data={"token": token}, headers=basic(server))
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("path", ["/oauth2/introspect", "/oauth2/revoke"])
def test_AS_4_without_client_authentication_nothing_is_said(
    server: Running, client: httpx2.Client, browser: httpx2.Client, path: str
) -> None:
    token = tokens(server, client, browser)["refresh_token"]
    for headers in ({}, basic(server, secret="sk_test_wrong"), {"authorization": f"Bearer {server.api_key}"}):
        answer = client.post(path, data={"token": token}, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert client.post(path, data={}, headers=basic(server)).json()["error"] == "invalid_request"
    assert refresh(server, client, token).status_code == 200


def test_AS_4_a_public_client_may_end_its_session_but_not_ask(
    server: Running, client: httpx2.Client, browser: httpx2.Client
) -> None:
    token = tokens(server, client, browser)["refresh_token"]
    body = {"token": token, "client_id": server.client_id}
    assert client.post("/oauth2/introspect", data=body).status_code == 401
    assert client.post("/oauth2/revoke", data=body).status_code == 200
    assert refresh(server, client, token).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_revoked_token_takes_its_session_along(
    server: Running, client: httpx2.Client, browser: httpx2.Client, kind: str
) -> None:
    found, other = tokens(server, client, browser), tokens(server, client, browser, prompt="login")
    for hint in ("access_token", "refresh_token", "nonsense"):  # RFC 7009 §2.1: a hint, and no more
        body = {"token": found[kind], "token_type_hint": hint}
        assert client.post("/oauth2/revoke", data=body, headers=basic(server)).status_code == 200
    assert introspect(server, client, found["access_token"]) == {"active": False}
    assert refresh(server, client, found["refresh_token"]).json()["error"] == "invalid_grant"
    assert introspect(server, client, other["access_token"])["active"]


def test_a_device_signs_in_at_the_endpoints_of_the_standard(server: Running, client: httpx2.Client) -> None:
    found = client.get("/.well-known/openid-configuration").json()
    assert "urn:ietf:params:oauth:grant-type:device_code" in found["grant_types_supported"]
    body = {"client_id": server.client_id, "scope": "openid"}
    begun = client.post(found["device_authorization_endpoint"], data=body).json()
    grant = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": begun["device_code"],
        "client_id": server.client_id,
    }
    pending = client.post(found["token_endpoint"], data=grant)
    assert (pending.status_code, pending.json()["error"]) == (400, "authorization_pending")
    refused = client.post(found["device_authorization_endpoint"], data={"client_id": "client_other"})
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


def test_reg_CVE_2026_9094_CVE_2026_9097_tokens_are_worth_what_their_session_is_now(
    server: Running, client: httpx2.Client, browser: httpx2.Client
) -> None:
    """Over organizations and states: a switch, a membership that ends, a session that ends."""
    with server.client() as api:
        (user,) = api.get("/user_management/users", params={"email": ADA}).json()["data"]
        member = join(api, user["id"], "Acme")
        found = tokens(server, client, browser, organization_id=member["organization_id"])
        other = api.post("/organizations", json={"name": "Other"}).json()
        refused = refresh(server, client, found["refresh_token"], organization_id=other["id"])
        assert refused.json()["error"] == "organization_membership_not_found"
        told = introspect(server, client, found["access_token"])
        assert (told["active"], told["org_id"]) == (True, member["organization_id"])
        api.put(f"/user_management/organization_memberships/{member['id']}/deactivate")
        assert introspect(server, client, found["access_token"]) == {"active": False}
        assert introspect(server, client, found["refresh_token"]) == {"active": False}
        assert refresh(server, client, found["refresh_token"]).json()["error"] == "invalid_grant"
        api.delete(f"/user_management/organization_memberships/{member['id']}")


def join(api: httpx2.Client, user_id: str, name: str) -> dict[str, Any]:
    organization = api.post("/organizations", json={"name": name}).json()
    body = {"user_id": user_id, "organization_id": organization["id"]}
    return dict(api.post("/user_management/organization_memberships", json=body).json())
