"""A standard OpenID Connect client, written from the specifications and joserfc, signs somebody in."""

import base64
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.clocks import Clock
from tests.server.hosted import CHALLENGE, PKCE, Pkce, returned, sign_in
from tests.server.oidc.conftest import ADA, CALLBACK, PASSWORD
from tests.servers import Running


def discovered(client: httpx2.Client) -> dict[str, Any]:
    return dict(client.get("/.well-known/openid-configuration").json())


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


def code_for(server: Running, browser: httpx2.Client, **asked: str) -> str:
    asked = {"redirect_uri": CALLBACK, "scope": "openid profile email", "nonce": "n-1"} | CHALLENGE | asked
    return sign_in(server, browser, email=ADA, password=PASSWORD, path="/oauth2/authorize", **asked)["code"]


def exchange(code: str, **more: str) -> dict[str, str]:
    proof = {"code": code, "redirect_uri": CALLBACK, "code_verifier": PKCE.verifier}
    return {"grant_type": "authorization_code"} | proof | more


def claims_of(client: httpx2.Client, token: str) -> dict[str, Any]:
    keys = KeySet.import_key_set(client.get(discovered(client)["jwks_uri"]).json())
    return jwt.decode(token, keys, algorithms=["RS256"]).claims


def test_discovery_names_endpoints_that_exist(server: Running, client: httpx2.Client) -> None:
    found = discovered(client)
    assert found["issuer"] == server.url
    assert client.get("/.well-known/oauth-authorization-server").json() == found
    for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"):
        assert found[name].startswith(server.url + "/")
        assert client.get(found[name]).status_code != 404
    assert found["code_challenge_methods_supported"] == ["S256"]


def test_a_public_client_signs_in_with_pkce_and_verifies_the_id_token(
    server: Running, client: httpx2.Client, browser: httpx2.Client
) -> None:
    pkce = Pkce()
    code = code_for(server, browser, code_challenge=pkce.challenge, code_challenge_method="S256")
    body = exchange(code, client_id=server.client_id, code_verifier=pkce.verifier)
    answer = client.post("/oauth2/token", data=body)
    tokens = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 300)
    claims = claims_of(client, tokens["id_token"])
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (server.url, server.client_id, "n-1")
    assert (claims["email"], claims["email_verified"], claims["name"]) == (ADA, True, "Ada Byron")
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    shown = client.get("/oauth2/userinfo", headers=headers).json()
    assert shown["sub"] == claims["sub"]
    assert (shown["email"], shown["given_name"]) == (ADA, "Ada")
    refreshed = client.post(
        "/oauth2/token",
        data={
            "grant_type": "refresh_token",
            "refresh_token": tokens["refresh_token"],
            "client_id": server.client_id,
        },
    ).json()
    assert claims_of(client, refreshed["id_token"])["sub"] == claims["sub"]
    assert "nonce" not in claims_of(client, refreshed["id_token"])


def test_AS_2_every_client_of_the_standard_endpoint_needs_pkce(
    server: Running, browser: httpx2.Client
) -> None:
    asked = {"client_id": server.client_id, "redirect_uri": CALLBACK, "response_type": "code", "state": "s"}
    refused = returned(browser.get("/oauth2/authorize", params=asked))
    assert (refused["error"], refused["state"]) == ("invalid_request", "s")
    assert "code_challenge" in refused["error_description"]
    assert (
        browser.get("/oauth2/authorize", params=asked | CHALLENGE).headers["location"].startswith("/continue")
    )


@pytest.mark.parametrize("where", ["basic", "post"])
def test_a_confidential_client_authenticates_in_the_header_or_in_the_body(
    server: Running, client: httpx2.Client, browser: httpx2.Client, where: str
) -> None:
    body, headers = exchange(code_for(server, browser)), {}
    if where == "basic":
        headers = basic(server.client_id, server.api_key)
    else:
        body |= {"client_id": server.client_id, "client_secret": server.api_key}
    assert client.post("/oauth2/token", data=body, headers=headers).status_code == 200


def test_without_openid_there_is_no_id_token_and_no_userinfo(
    server: Running, client: httpx2.Client, browser: httpx2.Client
) -> None:
    body = exchange(code_for(server, browser, scope="email"))
    tokens = client.post("/oauth2/token", data=body, headers=basic(server.client_id, server.api_key)).json()
    assert "id_token" not in tokens
    refused = client.get("/oauth2/userinfo", headers={"authorization": f"Bearer {tokens['access_token']}"})
    assert (refused.status_code, refused.json()["error"]) == (403, "insufficient_scope")


def test_AS_1_the_redirect_uri_of_the_exchange_is_the_one_of_the_request(
    server: Running, client: httpx2.Client, browser: httpx2.Client
) -> None:
    headers = basic(server.client_id, server.api_key)
    code = code_for(server, browser)
    other = client.post("/oauth2/token", data=exchange(code, redirect_uri=CALLBACK + "2"), headers=headers)
    assert (other.status_code, other.json()["error"]) == (400, "invalid_grant")
    missing = {"grant_type": "authorization_code", "code": code}
    assert client.post("/oauth2/token", data=missing, headers=headers).json()["error"] == "invalid_request"
    assert client.post("/oauth2/token", data=exchange(code), headers=headers).status_code == 200


def test_AS_1_a_code_is_good_for_ten_minutes(
    server: Running, client: httpx2.Client, browser: httpx2.Client, clock: Clock
) -> None:
    headers = basic(server.client_id, server.api_key)
    code = code_for(server, browser)
    clock.advance(seconds=601)
    late = client.post("/oauth2/token", data=exchange(code), headers=headers)
    assert late.json()["error"] == "invalid_grant"


@pytest.mark.parametrize("grant_type", ["password", "implicit"])
def test_AS_3_other_grants_are_refused(server: Running, client: httpx2.Client, grant_type: str) -> None:
    body = {"grant_type": grant_type, "username": ADA, "password": PASSWORD}
    refused = client.post("/oauth2/token", data=body, headers=basic(server.client_id, server.api_key))
    assert (refused.status_code, refused.json()["error"]) == (400, "unsupported_grant_type")


@pytest.mark.parametrize(
    ("content", "headers", "status", "error"),
    [
        (b"grant_type=refresh_token&refresh_token=x", {}, 401, "invalid_client"),
        (b"grant_type=refresh_token&grant_type=refresh_token", {}, 400, "invalid_request"),
        (b"", {}, 400, "invalid_request"),
        (b"\xff", {}, 400, "invalid_request"),
        (b'{"grant_type":"refresh_token"}', {"content-type": "application/json"}, 400, "invalid_request"),
        (b"grant_type=refresh_token&refresh_token=x", basic("client_x", "wrong"), 401, "invalid_client"),
        (b"grant_type=refresh_token&refresh_token=x", {"authorization": "Basic !"}, 401, "invalid_client"),
        (b"grant_type=refresh_token&refresh_token=x", {"authorization": "Bearer x"}, 401, "invalid_client"),
        (b"client_id=a&client_secret=b", basic("a", "b"), 400, "invalid_request"),
        (b"client_id=b&grant_type=refresh_token", basic("a", "b"), 400, "invalid_request"),
    ],
)
def test_malformed_token_requests_are_refused_as_the_rfc_says(
    client: httpx2.Client, content: bytes, headers: dict[str, str], status: int, error: str
) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"} | headers
    refused = client.post("/oauth2/token", content=content, headers=headers)
    assert (refused.status_code, refused.json()["error"]) == (status, error)
    assert refused.json()["error_description"]
    if status == 401 and "authorization" in headers:
        assert refused.headers["www-authenticate"].startswith("Basic")


@pytest.mark.parametrize("path", ["/oauth2/token", "/oauth2/introspect", "/oauth2/revoke"])
def test_credentials_that_are_not_even_ascii_are_refused_like_others(
    client: httpx2.Client, path: str
) -> None:
    headers = [(b"authorization", b"Basic \xe9"), (b"content-type", b"application/x-www-form-urlencoded")]
    refused = client.post(path, content=b"grant_type=refresh_token&token=x", headers=headers)
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("token", ["", "garbage", "a.b.c"])
def test_userinfo_refuses_what_is_no_token(client: httpx2.Client, token: str) -> None:
    headers = {"authorization": f"Bearer {token}".strip()}
    refused = client.get("/oauth2/userinfo", headers=headers)
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Bearer")


def test_LO_1_userinfo_refuses_the_token_of_an_ended_session_at_once(
    server: Running, client: httpx2.Client, browser: httpx2.Client
) -> None:
    body = exchange(code_for(server, browser))
    tokens = client.post("/oauth2/token", data=body, headers=basic(server.client_id, server.api_key)).json()
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    assert client.get("/oauth2/userinfo", headers=headers).status_code == 200
    session_id = claims_of(client, tokens["access_token"])["sid"]
    client.get("/user_management/sessions/logout", params={"session_id": session_id})
    assert client.get("/oauth2/userinfo", headers=headers).json()["error"] == "invalid_token"
