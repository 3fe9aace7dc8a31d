"""LG-1: canaries go through every flow at the most talkative log level, and none comes out."""

import base64
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx2
import pytest

from tests.server.authenticators import Authenticator
from tests.server.hosted import Pkce, follow, returned, submit
from tests.servers import Running
from vestibule.server.identity.events import list_events
from vestibule.server.identity.paging import Page

Create = Callable[..., dict[str, Any]]
PASSWORD = "canary-password-of-Ada-0001"


def spellings(secret: str) -> set[str]:
    return {secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode().rstrip("=")}


def of_the_server(records: list[logging.LogRecord]) -> list[logging.LogRecord]:
    """Not those of the test's client, and not those of loggers that are cut off and only pytest hears."""
    clients = ("httpx2", "httpcore2")
    heard = [record for record in records if logging.getLogger(record.name).propagate]
    return [record for record in heard if not record.name.startswith(clients)]


def test_LG_1_no_secret_reaches_a_log_or_an_event(
    server: Running, api: httpx2.Client, create_user: Create, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = {PASSWORD, server.api_key}
    user = create_user(password=PASSWORD, email_verified=True)
    callback = "http://localhost:3009/canary"
    api.post("/user_management/redirect_uris", json={"uri": callback})
    pkce = Pkce()
    secrets.add(pkce.verifier)
    asked = {
        "client_id": server.client_id,
        "response_type": "code",
        "redirect_uri": callback,
        "state": "canary-state-0002",
        "code_challenge": pkce.challenge,
        "code_challenge_method": "S256",
    }
    secrets.add(asked["state"])
    with server.browser() as browser:
        page = follow(browser, browser.get("/user_management/authorize", params=asked))
        code = returned(submit(browser, page, email=user["email"], password=PASSWORD))["code"]
        secrets |= {cookie.value or "" for cookie in browser.cookies.jar}
    secrets.add(code)
    grant = {"grant_type": "authorization_code", "code": code, "code_verifier": pkce.verifier}
    headers = {"idempotency-key": str(uuid4())}
    body = {"client_id": server.client_id, "client_secret": server.api_key} | grant
    tokens = api.post("/user_management/authenticate", json=body, headers=headers).json()
    secrets |= {tokens["access_token"], tokens["refresh_token"]}
    server.authenticate(api, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    server.authenticate(api, grant_type="refresh_token", refresh_token="canary-refresh-0003")
    secrets.add("canary-refresh-0003")
    reset = api.post("/user_management/password_reset", json={"email": user["email"]}).json()
    secrets.add(reset["password_reset_token"])
    api.get("/reset-password", params={"token": reset["password_reset_token"]})
    api.post("/user_management/users", content=f'{{"email":"{PASSWORD}"'.encode())
    secrets.discard("")

    written = "\n".join(each.getMessage() + repr(each.__dict__) for each in of_the_server(caplog.records))
    events = api.get("/events", params={"limit": 100}).text
    for secret in secrets:
        for spelling in spellings(secret):
            assert spelling not in written, f"{secret[:12]}… was logged"
            assert spelling not in events, f"{secret[:12]}… is in an event"
    assert "POST /user_management/authenticate 200" in written


def test_LG_1_the_token_of_an_invitation_reaches_neither(
    server: Running, api: httpx2.Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = api.post("/user_management/invitations", json={"email": "canary@example.com"}).json()
    token = made["token"]
    api.get(f"/user_management/invitations/by_token/{token}")
    api.get(f"/user_management/invitations/by_token/{token}/else")
    api.post("/user_management/magic_auth", json={"email": "canary@example.com", "invitation_token": token})
    with server.browser() as browser:
        follow(browser, browser.get(made["accept_invitation_url"]))
    server.authenticate(
        api, grant_type="password", email="x@example.com", password="-", invitation_token=token
    )
    written = "\n".join(each.getMessage() + repr(each.__dict__) for each in of_the_server(caplog.records))
    events = api.get("/events", params={"limit": 100}).text
    assert "GET /user_management/invitations/by_token/… 200" in written
    assert made["id"] in events
    for spelling in spellings(token):
        assert spelling not in written
        assert spelling not in events


def test_LG_1_what_second_factors_keep_secret_reaches_neither(
    server: Running, api: httpx2.Client, create_user: Create, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    user = create_user(password=PASSWORD, email_verified=True)
    path = f"/user_management/users/{user['id']}"
    new = api.post(f"{path}/auth_factors", json={"type": "totp"}).json()
    totp = new["authentication_factor"]["totp"]
    code = Authenticator(totp["secret"]).code(server.identity.now)
    api.post(f"/auth/challenges/{new['authentication_challenge']['id']}/verify", json={"code": code})
    codes = api.post(f"{path}/recovery_codes").json()["codes"]
    owed = server.authenticate(api, grant_type="password", email=user["email"], password=PASSWORD).json()
    challenge = api.post(f"/auth/factors/{owed['authentication_factors'][0]['id']}/challenge", json={}).json()
    done = server.authenticate(
        api,
        grant_type="urn:workos:oauth:grant-type:mfa-totp",
        pending_authentication_token=owed["pending_authentication_token"],
        authentication_challenge_id=challenge["id"],
        code=codes[0],
    )
    assert done.status_code == 200, done.text
    written = "\n".join(each.getMessage() + repr(each.__dict__) for each in of_the_server(caplog.records))
    events = str([event.data for event in list_events(server.identity, Page(limit=100)).data])
    for secret in {totp["secret"], totp["uri"], owed["pending_authentication_token"], *codes}:
        for spelling in spellings(secret):
            assert spelling not in written, f"{secret[:12]}… was logged"
            assert spelling not in events, f"{secret[:12]}… is in an event"
    assert "'remaining': 9" in events
