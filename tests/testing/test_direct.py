"""Apps of direct mode in the laboratory: anybody signs in in one line, or all the way over a provider."""

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from flask import Flask
from litestar import Litestar, get
from litestar.testing import TestClient as LitestarClient

from vestibule.fastapi import Auth, CurrentSession, requires
from vestibule.flask import Auth as FlaskAuth
from vestibule.flask import current_session
from vestibule.litestar import Auth as LitestarAuth
from vestibule.litestar import CurrentSession as LitestarSession
from vestibule.oauth import github as github_client
from vestibule.oauth import gitlab, oidc
from vestibule.testing import Lab, sign_in

pytestmark = pytest.mark.usefixtures("empty_environment")


def client_of(*providers: Any, **settings: Any) -> TestClient:
    app = FastAPI()
    Auth.direct(app, *providers, **settings)

    @app.get("/me")
    async def me(session: CurrentSession) -> dict[str, str | None]:
        return {"id": session.user.id, "email": session.user.email}

    @app.get("/invoices", dependencies=[requires(permission="invoices:read", recent=600)])
    async def invoices() -> str:
        return "all"

    return TestClient(app, follow_redirects=False)


def email_of(client: Any) -> str:
    found: str = client.get("/me").json()["email"]
    return found


def test_anybody_signs_in_in_one_line_without_any_settings() -> None:
    client = client_of("github")
    sign_in(client, email="grace@example.com")
    assert email_of(client) == "grace@example.com"
    assert client.get("/invoices").status_code == 403
    sign_in(client, permissions={"invoices:read"})
    assert email_of(client) == "grace@example.com"
    assert client.get("/invoices").json() == "all"
    sign_in(client, expires_in=-1)
    assert client.get("/me").status_code == 401


def test_time_passes_for_a_sealed_session_too(auth_lab: Lab) -> None:
    client = client_of("github", lifetime=3600)
    auth_lab.sign_in(client, permissions={"invoices:read"})
    auth_lab.clock.advance(minutes=11)
    assert client.get("/invoices").json()["error"]["code"] == "reauthentication_required"
    auth_lab.clock.advance(hours=1)
    assert client.get("/me").status_code == 401
    auth_lab.sign_in(client)
    auth_lab.sign_out(client)
    assert client.get("/me").status_code == 401


@pytest.mark.parametrize("name", ["github", "google", "acme"])
def test_somebody_goes_all_the_way_over_a_provider(auth_lab: Lab, oauth_provider: Any, name: str) -> None:
    acme = oidc("https://id.acme.example/", id="acme", name="Acme & Co", client_id="a", client_secret="s")
    client = client_of("github", "google", acme)
    provider = oauth_provider(name, app=client)
    assert provider is auth_lab.provider(name, app=client)
    grace = provider.person("grace@example.com")
    begun = client.get(f"/auth/sign-in/{name}?return_to=/me")
    callback = provider.consent(begun.headers["location"])
    assert callback.startswith(f"http://testserver/auth/callback/{name}?")
    assert client.get(callback).headers["location"] == "/me"
    assert client.get("/me").json()["email"] == "grace@example.com"
    assert grace.subject in client.get("/me").json()["id"]
    assert provider.redirect_uris == {f"http://testserver/auth/callback/{name}"}


def test_it_goes_wrong_on_demand(oauth_provider: Any) -> None:
    client = client_of("google")
    provider = oauth_provider("google", app=client)
    begun = client.get("/auth/sign-in/google")
    with provider.fault("wrong_nonce"):
        callback = provider.consent(begun.headers["location"])
        answer = client.get(callback, headers={"accept": "application/json"})
    assert answer.status_code == 400
    assert "id_token_nonce" in answer.text
    assert client.get("/me").status_code == 401


def test_flask_is_no_different(auth_lab: Lab) -> None:
    app = Flask(__name__)
    FlaskAuth.direct(
        app, github_client(client_id="Iv1.a", client_secret="hidden"), base_url="http://localhost"
    )

    @app.get("/me")
    def me() -> dict[str, str | None]:
        return {"email": current_session.user.email}

    client = app.test_client()
    provider = auth_lab.provider("github", app=client)
    assert (provider.client_id, provider.client_secret) == ("Iv1.a", "hidden")
    location = client.get("/auth/sign-in/github").headers["location"]
    client.get(provider.consent(location))
    answer = client.get("/me").json
    assert answer is not None
    assert answer["email"] == "ada@example.com"


def test_litestar_is_no_different(auth_lab: Lab) -> None:
    @get("/me")
    async def me(session: LitestarSession) -> dict[str, str | None]:
        return {"email": session.user.email}

    app = Litestar([me], plugins=[LitestarAuth.direct("github")])
    client = LitestarClient(app, base_url="http://testserver.local")
    client.follow_redirects = False
    provider = auth_lab.provider("github", app=client)
    location = client.get("/auth/sign-in/github").headers["location"]
    client.get(provider.consent(location))
    assert email_of(client) == "ada@example.com"


def test_a_server_of_ones_own_is_stood_in_for_where_it_is(auth_lab: Lab) -> None:
    client = client_of(github_client(host="git.example.com", client_id="a", client_secret="b"))
    provider = auth_lab.provider("github", app=client)
    location = client.get("/auth/sign-in/github").headers["location"]
    assert location.startswith("https://git.example.com/login/oauth/authorize?")
    client.get(provider.consent(location))
    assert email_of(client) == "ada@example.com"
    assert provider.requests_to("https://git.example.com/api/v3/user")


def test_what_nobody_stands_in_for_is_said(auth_lab: Lab) -> None:
    client = client_of("google", "discord", gitlab(client_id="a", client_secret="b"))
    with pytest.raises(LookupError, match="it has google, discord, gitlab"):
        auth_lab.provider("github", app=client)
    with pytest.raises(ValueError, match="stand in for Discord"):
        auth_lab.provider("discord", app=client)
    assert auth_lab.provider("gitlab", app=client).url == "https://gitlab.com"
    assert client.get("/auth/sign-in/google").status_code == 503
    app = FastAPI()
    Auth(app)
    with pytest.raises(TypeError, match="through a server"):
        auth_lab.provider("github", app=app)


def test_a_provider_can_do_without_an_app(auth_lab: Lab) -> None:
    provider = auth_lab.provider("github", client_id="a")
    assert provider.clock is auth_lab.clock
    assert provider.client().client_id == "a"
