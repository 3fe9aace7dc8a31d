"""What the official front ends trip over (each pitfall seen in a run of them), where no other test is named
after it."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.server.hosted import Pkce, follow, returned, sign_in, submit
from tests.servers import Running, running_server
from vestibule.crypto.jwt import decode_unverified
from vestibule.errors import ConfigError
from vestibule.server.settings import Settings

ADA = "ada@example.com"
PASSWORD = "correct-horse-9-battery"
CALLBACK = "http://localhost:3000/callback"
AUTHORIZE = "/user_management/authorize"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    seed = {
        "redirect_uris": [{"uri": CALLBACK}],
        "organizations": [{"id": "org_engines", "name": "Engines"}, {"id": "org_society", "name": "Society"}],
        "users": [{"email": ADA, "password": PASSWORD, "email_verified": True}],
        "memberships": [
            {"email": ADA, "organization_id": "org_engines"},
            {"email": ADA, "organization_id": "org_society"},
        ],
    }
    with running_server(tmp_path_factory.mktemp("front-ends"), seed=seed) as running:
        yield running


@pytest.fixture
def browser(server: Running) -> Iterator[httpx2.Client]:
    with server.browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def api(server: Running) -> Iterator[httpx2.Client]:
    with server.client() as api:
        yield api


def code(server: Running, browser: httpx2.Client, **more: str) -> str:
    asked = {"redirect_uri": CALLBACK, "organization_id": "org_engines"} | more
    return sign_in(server, browser, email=ADA, password=PASSWORD, **asked)["code"]


def test_pitfall_1_a_form_may_lead_back_to_the_app(server: Running, browser: httpx2.Client) -> None:
    asked = {"client_id": server.client_id, "response_type": "code", "redirect_uri": CALLBACK}
    page = follow(browser, browser.get(AUTHORIZE, params=asked))
    assert "form-action 'self' http://localhost:*" in page.headers["content-security-policy"]


def test_pitfall_4_a_code_is_exchanged_by_secret_or_by_verifier_and_never_by_neither(
    server: Running, browser: httpx2.Client, api: httpx2.Client
) -> None:
    pkce = Pkce()
    challenge = {"code_challenge": pkce.challenge, "code_challenge_method": "S256"}
    grant = {"grant_type": "authorization_code", "client_id": server.client_id}

    def exchange(**more: str) -> int:
        return api.post("/user_management/authenticate", json=grant | more).status_code

    assert exchange(code=code(server, browser, **challenge), code_verifier=pkce.verifier) == 200
    with server.browser() as other:
        assert exchange(code=code(server, other), client_secret=server.api_key) == 200
    with server.browser() as other:
        assert exchange(code=code(server, other)) == 400


def test_pitfall_6_a_state_of_several_kilobytes_comes_back_byte_for_byte(
    server: Running, browser: httpx2.Client
) -> None:
    state = "Fe26.2*1*" + "aZ09-_~*.!'()" * 200 + "~2"
    asked = {"client_id": server.client_id, "response_type": "code", "redirect_uri": CALLBACK, "state": state}
    page = follow(browser, browser.get(AUTHORIZE, params=asked | {"organization_id": "org_engines"}))
    assert returned(submit(browser, page, email=ADA, password=PASSWORD))["state"] == state


def test_pitfall_8_a_sign_out_is_a_navigation_and_the_session_is_over(
    server: Running, browser: httpx2.Client, api: httpx2.Client
) -> None:
    signed_in = server.authenticate(api, grant_type="authorization_code", code=code(server, browser)).json()
    session_id = str(decode_unverified(signed_in["access_token"])["sid"])
    left = browser.get(
        "/user_management/sessions/logout", params={"session_id": session_id, "return_to": "/"}
    )
    assert (left.status_code, left.headers["location"]) == (302, "http://localhost:3000/")
    refresh = {"grant_type": "refresh_token", "refresh_token": signed_in["refresh_token"]}
    assert server.authenticate(api, **refresh).json()["error"] == "invalid_grant"


def test_pitfall_9_a_refresh_keeps_the_session_and_where_it_was_moved_to(
    server: Running, browser: httpx2.Client, api: httpx2.Client
) -> None:
    answers = [server.authenticate(api, grant_type="authorization_code", code=code(server, browser)).json()]
    for more in ({}, {"organization_id": "org_society"}, {}):
        token = answers[-1]["refresh_token"]
        answers.append(
            server.authenticate(api, grant_type="refresh_token", refresh_token=token, **more).json()
        )
    claims = [decode_unverified(each["access_token"]) for each in answers]
    assert len({each["sid"] for each in claims}) == 1
    assert [each["org_id"] for each in claims] == ["org_engines", "org_engines", "org_society", "org_society"]


def test_pitfall_10_tokens_say_what_the_clients_look_for(
    server: Running, browser: httpx2.Client, api: httpx2.Client
) -> None:
    signed_in = server.authenticate(api, grant_type="authorization_code", code=code(server, browser)).json()
    claims = decode_unverified(signed_in["access_token"])
    assert claims["sub"] == signed_in["user"]["id"]
    assert {"sid", "iss", "iat", "exp", "jti", "auth_time", "org_id", "role", "roles"} <= claims.keys()
    assert None not in claims.values()


def test_pitfall_11_tokens_live_for_longer_than_clients_refresh_ahead() -> None:
    with pytest.raises(ConfigError, match="ACCESS_TOKEN_SECONDS"):
        Settings(public_url="http://localhost", secret="x1y2z3w4v5" * 4, access_token_seconds=39)


def test_pitfall_12_the_key_set_is_public_and_may_be_kept(server: Running, browser: httpx2.Client) -> None:
    answer = browser.get(f"/sso/jwks/{server.client_id}")
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert "set-cookie" not in answer.headers


def test_pitfall_14_our_cookies_leave_theirs_alone_and_theirs_do_not_disturb(
    server: Running, browser: httpx2.Client
) -> None:
    for name in ("wos-session", "wos-auth-verifier-0a1b2c3d", "workos-access-token", "__Host-vestibule"):
        browser.cookies.set(name, "Fe26.2*1*x~2", domain="localhost.local", path="/")
    before = set(browser.cookies)
    assert code(server, browser)
    ours = set(browser.cookies) - before
    assert ours
    assert not any(name.startswith(("wos-", "workos-access")) for name in ours)
