from typing import Any

import pytest

from tests.vectors.reading import vectors
from vestibule.errors import ConfigError
from vestibule.session.urls import authorization_url, logout_url

BASE = "https://api.workos.com"
NAMES = {
    "provider": "provider",
    "redirectUri": "redirect_uri",
    "domainHint": "domain_hint",
    "invitationToken": "invitation_token",
    "claimNonce": "claim_nonce",
    "providerScopes": "provider_scopes",
    "providerQueryParams": "provider_query_params",
    "state": "state",
}


@pytest.mark.parametrize("vector", vectors()["authorization_urls"])
def test_authorization_urls(vector: dict[str, Any]) -> None:
    given = {key: value for key, value in vector["params"].items() if key not in {"response_type"}}
    assert given.pop("code_challenge_method") == "S256"
    if "max_age" in given:
        given["max_age"] = int(given["max_age"])
    assert authorization_url(BASE, **given) == vector["url"]


@pytest.mark.parametrize("vector", vectors()["authorization_urls_direct"])
def test_authorization_urls_with_everything_the_server_knows(vector: dict[str, Any]) -> None:
    given = {NAMES[key]: value for key, value in vector["options"].items()}
    assert authorization_url(BASE, client_id="client_test", **given) == vector["url"]


@pytest.mark.parametrize("vector", vectors()["logout_urls"])
def test_logout_urls(vector: dict[str, Any]) -> None:
    options = vector["options"]
    url = logout_url(BASE, session_id=options["sessionId"], return_to=options.get("returnTo"))
    assert url == vector["url"]


def test_a_maximum_age_of_zero_is_not_lost() -> None:
    assert "max_age=0" in authorization_url(BASE, client_id="c", redirect_uri="https://a/cb", max_age=0)


def test_an_unpaired_surrogate_does_not_break_the_redirect() -> None:
    url = authorization_url(BASE, client_id="c", redirect_uri="https://a/cb", login_hint="x\ud800y")
    assert "login_hint=x%3Fy" in url


def test_a_trailing_slash_of_the_server_address_does_no_harm() -> None:
    assert logout_url(BASE + "/", session_id="s").startswith(BASE + "/user_management/")


def test_the_server_must_be_told_whom_to_ask() -> None:
    with pytest.raises(ConfigError):
        authorization_url(BASE, client_id="c", redirect_uri="https://a/cb", provider=None)
    with pytest.raises(ConfigError):
        authorization_url(
            BASE, client_id="c", redirect_uri="https://a/cb", provider="GoogleOAuth", screen_hint="sign-up"
        )
    url = authorization_url(BASE, client_id="c", redirect_uri="u", provider=None, connection_id="conn_1")
    assert "provider=" not in url
