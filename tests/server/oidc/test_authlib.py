"""Authlib, the Python client most people know, signs somebody in."""

import httpx2
import pytest
from authlib.common.security import generate_token
from authlib.integrations.httpx_client import OAuth2Client

from tests.server.hosted import follow, submit
from tests.server.oidc.conftest import ADA, CALLBACK, PASSWORD
from tests.server.oidc.test_standard_client import claims_of, discovered
from tests.servers import Running


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
def test_authlib_signs_in_refreshes_and_revokes(
    server: Running, client: httpx2.Client, browser: httpx2.Client, method: str
) -> None:
    found = discovered(client)
    app = OAuth2Client(
        server.client_id,
        None if method == "none" else server.api_key,
        token_endpoint_auth_method=method,
        redirect_uri=CALLBACK,
        scope="openid email",
        code_challenge_method="S256",
    )
    verifier = generate_token(48)
    url, state = app.create_authorization_url(
        found["authorization_endpoint"], code_verifier=verifier, nonce="n-2"
    )
    answer = submit(browser, follow(browser, browser.get(url)), email=ADA, password=PASSWORD)
    tokens = app.fetch_token(
        found["token_endpoint"],
        authorization_response=answer.headers["location"],
        code_verifier=verifier,
        state=state,
    )
    claims = claims_of(client, tokens["id_token"])
    assert (claims["email"], claims["nonce"], claims["aud"]) == (ADA, "n-2", server.client_id)
    assert app.get(found["userinfo_endpoint"]).json()["sub"] == claims["sub"]
    refreshed = app.refresh_token(found["token_endpoint"])
    assert refreshed["refresh_token"] != tokens["refresh_token"]
    revoked = app.revoke_token(found["revocation_endpoint"], token=refreshed["refresh_token"])
    assert revoked.status_code == 200
    assert app.get(found["userinfo_endpoint"]).status_code == 401
    app.close()
