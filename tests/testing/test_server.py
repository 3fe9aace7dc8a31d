"""The identity server in the test's own process: people on its pages, mail, rules, faults."""

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.testing.sites import Site, starlette_app
from vestibule.errors import ConfigError, Unreachable
from vestibule.flow import HttpRequest
from vestibule.server.identity.totp import new_secret
from vestibule.testing import Clock, FaultName, Lab, identity_server
from vestibule.testing.server import IdentityServer

PASSWORD = "seven green bottles"
ADA = {"email": "ada@example.com", "password": PASSWORD, "email_verified": True}
OFFICES = [{"id": "org_north", "name": "North"}, {"id": "org_south", "name": "South"}]
MEMBER = [{"email": "ada@example.com", "organization_id": each["id"], "role": "admin"} for each in OFFICES]


@pytest.fixture
def client(empty_environment: None) -> TestClient:
    return TestClient(starlette_app()[0], follow_redirects=False)


def test_somebody_signs_up_and_in(site: Site, auth_lab: Lab) -> None:
    server = auth_lab.server()
    grace = server.person("grace@example.com", first_name="Grace")
    answer = site.sign_in(grace, return_to="/me")
    assert (answer.status, answer.location) == (303, "/me")
    assert (site.me()["email"], site.me()["first_name"]) == ("grace@example.com", "Grace")
    assert [mail.recipient for mail in auth_lab.mails] == ["grace@example.com"]
    assert server.codes["grace@example.com"] in server.mails[-1].text


def test_its_tokens_run_out_and_are_refreshed(site: Site, auth_lab: Lab) -> None:
    server = auth_lab.server(seed={"users": [ADA]})
    site.sign_in(server.person())
    auth_lab.clock.advance(minutes=6)
    with auth_lab.fault("server_down"):
        assert site.me() == (503, "unreachable")
    with auth_lab.fault("refresh_reply_lost"):
        assert site.me() == (503, "unreachable")
    assert site.me()["email"] == "ada@example.com"
    with auth_lab.fault("key_rotated"):
        auth_lab.clock.advance(minutes=6)
        assert site.me()["email"] == "ada@example.com"
    assert len(server.requests_to("jwks")) == 2


def test_the_app_gets_back_what_it_had(client: TestClient) -> None:
    auth = client.app.state.vestibule  # type: ignore[attr-defined]
    before = auth.transport
    with identity_server() as server:
        server.person().sign_in(client)
        assert (auth.transport, auth.config.client_id) == (server, server.client_id)
    assert auth.transport is before
    assert auth.config.client_id == "client_test"
    with pytest.raises(Unreachable, match="stopped"):
        server.send(HttpRequest("GET", f"{server.url}/healthz"))
    server.stop()


def test_a_laboratory_with_both_leaves_nothing_behind(client: TestClient) -> None:
    auth = client.app.state.vestibule  # type: ignore[attr-defined]
    before = auth.transport
    with Lab() as lab:
        lab.sign_in(client, email="bob@example.com")
        lab.server().person().sign_in(client)
        assert client.get("/me").json()["email"] == "ada@example.com"
        lab.sign_in(client, email="bob@example.com")
        assert client.get("/me").json()["email"] == "bob@example.com"
    assert auth.transport is before
    assert auth.config.client_id == "client_test"


def test_an_app_can_be_made_for_it() -> None:
    with identity_server() as server:
        config = server.app_config("http://testserver/auth/callback", cookie_name="mine")
        client = TestClient(starlette_app(config, send=server)[0], follow_redirects=False)
        assert server.person().sign_in(client).status_code == 303
        assert "mine" in client.cookies
        assert client.get("/me").json()["email"] == "ada@example.com"


def test_somebody_goes_to_the_organization_they_want(client: TestClient, auth_lab: Lab) -> None:
    server = auth_lab.server(seed={"users": [ADA], "organizations": OFFICES, "memberships": MEMBER})
    server.person(organization="org_south").sign_in(client)
    me = client.get("/me").json()
    assert (me["organization"], me["role"]) == ("org_south", "admin")
    server.person().sign_in(client, organization_id="org_north")
    assert client.get("/me").json()["organization"] == "org_north"
    with pytest.raises(AssertionError, match="org_east"):
        server.person(organization="org_east").sign_in(client)


def test_the_browser_stays_signed_in_there(client: TestClient, auth_lab: Lab) -> None:
    ada = auth_lab.server(seed={"users": [ADA]}).person()
    ada.sign_in(client)
    ada.password = "forgotten"
    assert ada.sign_in(client).status_code == 303


def test_a_second_factor_is_set_up_and_asked_for(client: TestClient, auth_lab: Lab) -> None:
    server = auth_lab.server(seed={"users": [ADA], "policy": {"mfa": "required"}})
    ada = server.person()
    ada.sign_in(client)
    assert ada.secret is not None
    auth_lab.clock.advance(minutes=1)
    server.person(secret=ada.secret).sign_in(client)
    with pytest.raises(AssertionError, match="secret="):
        server.person().sign_in(client)
    auth_lab.clock.advance(minutes=1)
    with pytest.raises(AssertionError, match=r"/second-factor \(422\)"):
        server.person(secret=new_secret()).sign_in(client)


def test_who_is_stuck_says_what_the_page_said(client: TestClient, auth_lab: Lab) -> None:
    server = auth_lab.server(seed={"users": [ADA]})
    with pytest.raises(AssertionError, match=r"stuck at /sign-in \(422\): “That email address and password"):
        server.person(password="wrong").sign_in(client)
    with pytest.raises(AssertionError, match=r"stuck at /sign-up \(422\)"):
        server.person("new@example.com", password="1").sign_in(client)
    with pytest.raises(AssertionError, match="stuck at /nowhere"):
        server.person().visit(f"{server.url}/nowhere")


def test_a_page_can_be_walked_by_hand(auth_lab: Lab) -> None:
    server = auth_lab.server(seed={"users": [ADA], "environment": {"app_homepage_url": "http://localhost/"}})
    browser = server.browser()
    page = browser.get(f"{server.url}/forgot-password")
    assert page.heading == "Reset your password"
    browser.submit(page, "/forgot-password", email="ada@example.com")
    mailed = next(mail for mail in server.mails if mail.recipient == "ada@example.com")
    link = re.search(r"https://\S+/reset-password\S+", mailed.text)
    assert link is not None
    assert browser.get(link[0]).forms


def test_a_code_that_nobody_got_is_told(auth_lab: Lab, client: TestClient) -> None:
    server = auth_lab.server()
    with pytest.raises(KeyError, match="nobody"):
        _ = server.codes["ada@example.com"]
    server.person("grace@example.com").sign_in(client)
    with pytest.raises(KeyError, match=r"grace@example\.com"):
        _ = server.codes["ada@example.com"]
    assert "grace@example.com" in server.codes
    assert "ada@example.com" not in server.codes


@pytest.mark.parametrize(
    ("fault", "seconds", "code"),
    [
        ("state_mismatch", 0, "state_mismatch"),
        ("cookie_stripped", 0, "verifier_cookie_missing"),
        ("clock_skew", -600, "token_invalid"),
    ],
)
def test_faults_of_the_way_back_hold_here_too(
    client: TestClient, auth_lab: Lab, fault: FaultName, seconds: float, code: str
) -> None:
    ada = auth_lab.server(seed={"users": [ADA]}).person()
    with auth_lab.fault(fault, seconds=seconds):
        assert f"<code>{code}</code>" in ada.sign_in(client).text
    assert ada.sign_in(client).status_code == 303


def test_its_settings_can_be_others() -> None:
    clock = Clock(1_800_000_000)
    with identity_server(clock=clock, access_token_seconds=60, public_url="http://localhost:8100") as server:
        assert (server.url, server.identity.settings.access_token_seconds) == ("http://localhost:8100", 60)
        assert server.identity.now.timestamp() == 1_800_000_000
    with pytest.raises(ConfigError, match="PUBLIC_URL"):
        identity_server(public_url="http://id.example.com")


def test_it_leaves_no_file_behind() -> None:
    server = IdentityServer()
    directory = Path(server.identity.settings.database.removeprefix("sqlite:///")).parent
    assert directory.is_dir()
    server.stop()
    assert not directory.exists()
