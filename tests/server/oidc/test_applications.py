"""Applications of others as clients: their own secrets, addresses and scopes, and a yes of the person."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.server.hosted import CHALLENGE, PKCE, follow, returned, submit
from tests.server.oidc.conftest import ADA, PASSWORD
from tests.server.oidc.test_standard_client import basic, claims_of
from tests.servers import Running
from vestibule.server.identity.memberships import create_membership
from vestibule.server.identity.organizations import create_organization
from vestibule.server.identity.permissions import create_permission
from vestibule.server.identity.roles import set_permissions

THERE = "https://reports.example.com/callback"
SCOPES = ["openid", "profile", "email", "offline_access", "invoices:read"]


@pytest.fixture(scope="module")
def api(server: Running) -> Iterator[httpx2.Client]:
    with server.client() as api:
        yield api


@pytest.fixture(scope="module")
def home(server: Running) -> str:
    create_permission(server.identity, slug="invoices:read", name="Read your invoices")
    create_permission(server.identity, slug="invoices:write", name="Write invoices")
    return create_organization(server.identity, name="Reports Ltd.").id


def make(api: httpx2.Client, home: str, **more: Any) -> tuple[str, str]:
    """Its client id, and a secret."""
    given = {"name": "Reports", "application_type": "oauth", "is_first_party": False}
    given |= {"organization_id": home, "scopes": SCOPES, "redirect_uris": [{"uri": THERE}]}
    made = api.post("/connect/applications", json=given | more).raise_for_status().json()
    secret = api.post(f"/connect/applications/{made['id']}/client_secrets").raise_for_status().json()
    return made["client_id"], secret["secret"]


def begin(browser: httpx2.Client, client_id: str, **asked: str) -> httpx2.Response:
    asked = {"redirect_uri": THERE, "scope": "openid email", "state": "s-1"} | CHALLENGE | asked
    parameters = {"client_id": client_id, "response_type": "code"} | asked
    return follow(browser, browser.get("/oauth2/authorize", params=parameters))


def signed_in(browser: httpx2.Client, page: httpx2.Response) -> httpx2.Response:
    """To the consent page, or past it."""
    return submit(browser, page, email=ADA, password=PASSWORD)


def allow(browser: httpx2.Client, page: httpx2.Response) -> dict[str, str]:
    assert "a third party." in page.text
    return returned(submit(browser, page, action="allow"))


def redeem(client: httpx2.Client, code: str, who: tuple[str, str], **more: str) -> httpx2.Response:
    body = {"grant_type": "authorization_code", "code": code, "redirect_uri": THERE}
    body |= {"code_verifier": PKCE.verifier} | more
    return client.post("/oauth2/token", data=body, headers=basic(*who))


def code_for(browser: httpx2.Client, client_id: str, **asked: str) -> str:
    return allow(browser, signed_in(browser, begin(browser, client_id, **asked)))["code"]


def refresh(client: httpx2.Client, token: str, who: tuple[str, str], **more: str) -> httpx2.Response:
    body = {"grant_type": "refresh_token", "refresh_token": token} | more
    return client.post("/oauth2/token", data=body, headers=basic(*who))


def test_what_a_person_allows_once_an_application_gets_and_no_more(
    server: Running, api: httpx2.Client, home: str, browser: httpx2.Client, client: httpx2.Client
) -> None:
    reports = make(api, home)
    page = signed_in(browser, begin(browser, reports[0]))
    assert page.url.path == "/consent"
    for shown in ("Reports Ltd.", ADA, "See your email address", "reports.example.com"):
        assert shown in page.text
    assert "your invoices" not in page.text
    policy = page.headers["content-security-policy"]
    assert "form-action 'self' http://localhost:* https://reports.example.com;" in policy
    back = allow(browser, page)
    assert (back["state"], back["iss"]) == ("s-1", server.url)
    tokens = redeem(client, back["code"], reports).raise_for_status().json()
    assert tokens["scope"] == "openid email"
    assert "refresh_token" not in tokens
    claims = claims_of(client, tokens["access_token"])
    assert (claims["aud"], claims["client_id"], claims["scope"]) == (reports[0], reports[0], "openid email")
    assert not {"role", "roles", "permissions", "feature_flags"} & set(claims)
    bearer = {"authorization": f"Bearer {tokens['access_token']}"}
    seen = client.get("/oauth2/userinfo", headers=bearer).json()
    assert set(seen) == {"sub", "email", "email_verified"}
    again = begin(browser, reports[0])
    assert "code" in returned(again)  # nobody is asked twice
    more = begin(browser, reports[0], scope="openid email profile")
    assert more.url.path == "/consent"
    asked = begin(browser, reports[0], prompt="consent")
    assert asked.url.path == "/consent"


def test_permissions_are_those_that_were_granted_and_that_the_person_has(
    server: Running, api: httpx2.Client, home: str, browser: httpx2.Client, client: httpx2.Client
) -> None:
    set_permissions(server.identity, "member", permissions=["invoices:read", "invoices:write"])
    ada = api.get("/user_management/users", params={"email": ADA}).json()["data"][0]["id"]
    create_membership(server.identity, user_id=ada, organization_id=home)
    reports = make(api, home)
    page = signed_in(browser, begin(browser, reports[0], scope="openid invoices:read offline_access"))
    assert "Read your invoices" in page.text
    tokens = redeem(client, allow(browser, page)["code"], reports).json()
    claims = claims_of(client, tokens["access_token"])
    assert (claims["org_id"], claims["permissions"]) == (home, ["invoices:read"])
    assert not {"role", "roles"} & set(claims)
    moved = refresh(client, tokens["refresh_token"], reports, organization_id=home)
    assert (moved.status_code, moved.json()["error"]) == (400, "invalid_request")
    browser.get("/oauth2/logout")
    later = refresh(client, tokens["refresh_token"], reports).raise_for_status().json()
    assert claims_of(client, later["access_token"])["permissions"] == ["invoices:read"]


def test_a_no_and_a_silent_question_go_back_to_the_application(
    api: httpx2.Client, home: str, browser: httpx2.Client
) -> None:
    reports = make(api, home)
    assert returned(begin(browser, reports[0], prompt="none"))["error"] == "login_required"
    known = make(api, home, is_first_party=True, organization_id=None)
    signed_in(browser, begin(browser, known[0]))
    page = begin(browser, reports[0])
    silent = begin(browser, reports[0], prompt="none")
    assert silent.headers["location"].startswith(THERE)
    assert (returned(silent)["error"], returned(silent)["state"]) == ("consent_required", "s-1")
    no = submit(browser, page, action="cancel")
    assert no.headers["location"].startswith(THERE)
    assert (returned(no)["error"], returned(no)["state"]) == ("access_denied", "s-1")
    assert "code" in allow(browser, page)  # back, and a yes after all
    twice = submit(
        browser, page, action="allow"
    )  # the same form once more: a new sign-in, which needs nothing
    assert "code" in returned(twice)
    assert "code" in returned(begin(browser, reports[0], prompt="none"))


def test_CS_3_a_yes_counts_for_the_account_that_was_shown_only(
    server: Running, api: httpx2.Client, home: str, browser: httpx2.Client
) -> None:
    reports = make(api, home)
    page = signed_in(browser, begin(browser, reports[0]))
    other = submit(browser, page, action="allow", account="user_somebody_else")
    assert other.url.path == "/consent"
    address = str(page.request.url)
    forged = browser.post(address, data={"action": "allow"}, headers={"sec-fetch-site": "same-origin"})
    assert forged.status_code == 403
    with server.browser() as stranger:
        assert stranger.get(address).status_code == 400


def test_RT_3_AS_1_a_code_and_a_refresh_token_are_good_for_their_own_client_only(
    server: Running, api: httpx2.Client, home: str, browser: httpx2.Client, client: httpx2.Client
) -> None:
    ours, theirs = make(api, home), make(api, home, name="Charts")
    own = (server.client_id, server.api_key)
    code = code_for(browser, ours[0], scope="openid offline_access")
    for stranger in (theirs, own):
        refused = redeem(client, code, stranger)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    wrong = redeem(client, code, ours, redirect_uri=THERE + "/")
    assert wrong.json()["error"] == "invalid_grant"
    tokens = redeem(client, code, ours).raise_for_status().json()
    for stranger in (theirs, own):
        refused = refresh(client, tokens["refresh_token"], stranger)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    at_ours = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    at_ours |= {"client_id": ours[0], "client_secret": ours[1]}
    elsewhere = client.post("/user_management/authenticate", json=at_ours)
    assert (elsewhere.status_code, elsewhere.json()["error"]) == (400, "invalid_client")
    assert "refresh_token" in refresh(client, tokens["refresh_token"], ours).raise_for_status().json()


def test_AS_4_tokens_are_shown_to_and_revoked_by_their_own_client_only(
    api: httpx2.Client, home: str, browser: httpx2.Client, client: httpx2.Client
) -> None:
    ours, theirs = make(api, home), make(api, home, name="Charts")
    tokens = redeem(client, code_for(browser, ours[0], scope="openid offline_access"), ours).json()

    def ask(what: str, who: tuple[str, str], token: str) -> httpx2.Response:
        return client.post(f"/oauth2/{what}", data={"token": token}, headers=basic(*who))

    for token in (tokens["access_token"], tokens["refresh_token"]):
        assert ask("introspect", theirs, token).json() == {"active": False}
        assert ask("introspect", ours, token).json()["client_id"] == ours[0]
    ask("revoke", theirs, tokens["refresh_token"])
    assert ask("introspect", ours, tokens["access_token"]).json()["active"]
    ask("revoke", ours, tokens["refresh_token"])
    assert ask("introspect", ours, tokens["access_token"]).json() == {"active": False}


def test_a_client_without_its_secret_is_refused_and_a_public_one_needs_none(
    api: httpx2.Client, home: str, browser: httpx2.Client, client: httpx2.Client
) -> None:
    confidential = make(api, home)
    public = make(api, home, name="Telephone", uses_pkce=True)
    code = code_for(browser, confidential[0])
    proof = {"grant_type": "authorization_code", "redirect_uri": THERE, "code_verifier": PKCE.verifier}
    for more in ({}, {"client_secret": public[1]}, {"client_secret": confidential[1] + "x"}):
        body = proof | {"code": code, "client_id": confidential[0]} | more
        refused = client.post("/oauth2/token", data=body)
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    page = begin(browser, public[0])
    body = proof | {"code": allow(browser, page)["code"], "client_id": public[0]}
    unproven = client.post("/oauth2/token", data=body | {"code_verifier": "x" * 43})
    assert unproven.json()["error"] == "invalid_grant"
    assert client.post("/oauth2/token", data=body).status_code == 200
    bare = begin(browser, public[0], code_challenge="", code_challenge_method="")
    assert returned(bare)["error"] == "invalid_request"


@pytest.mark.parametrize(
    "wrong",
    [
        {"redirect_uri": THERE + "/"},
        {"redirect_uri": THERE + "?x=1"},
        {"redirect_uri": "https://reports.example.com.evil.example/callback"},
        {"redirect_uri": "http://reports.example.com/callback"},
        {"redirect_uri": "http://localhost:3000/callback"},  # the environment's own
        {"client_id": "client_none"},
    ],
    ids=str,
)
def test_OR_2_nobody_is_sent_to_an_address_that_is_not_the_clients_own(
    api: httpx2.Client, home: str, browser: httpx2.Client, wrong: dict[str, str]
) -> None:
    page = begin(browser, **{"client_id": make(api, home)[0]} | wrong)  # type: ignore[arg-type]
    assert page.status_code == 400
    assert "location" not in page.headers


def test_scopes_that_an_application_does_not_have_are_refused(
    api: httpx2.Client, home: str, browser: httpx2.Client
) -> None:
    reports = make(api, home, scopes=["openid"])
    for scope in ("openid email", "openid invoices:write", "everything"):
        assert returned(begin(browser, reports[0], scope=scope))["error"] == "invalid_scope"


def test_first_party_applications_are_trusted_without_asking(
    api: httpx2.Client, home: str, browser: httpx2.Client, client: httpx2.Client
) -> None:
    ours = make(api, home, is_first_party=True, organization_id=None)
    done = signed_in(browser, begin(browser, ours[0], prompt="consent"))
    tokens = redeem(client, returned(done)["code"], ours).raise_for_status().json()
    assert claims_of(client, tokens["access_token"])["aud"] == ours[0]
    elsewhere = browser.get(
        "/user_management/authorize",
        params={"client_id": ours[0], "redirect_uri": THERE, "response_type": "code"},
    )
    assert elsewhere.status_code == 400  # that address is for the environment's own app


def test_taking_it_back_ends_the_sessions_and_asks_again(
    api: httpx2.Client, home: str, browser: httpx2.Client, client: httpx2.Client
) -> None:
    reports = make(api, home)
    tokens = redeem(client, code_for(browser, reports[0], scope="openid offline_access"), reports).json()
    user = claims_of(client, tokens["access_token"])["sub"]
    path = f"/user_management/users/{user}/authorized_applications"
    listed = {each["application"]["client_id"]: each for each in api.get(path).json()["data"]}
    assert listed[reports[0]]["granted_scopes"] == ["openid", "offline_access"]
    assert api.delete(f"{path}/{listed[reports[0]]['application']['id']}").status_code == 204
    refused = refresh(client, tokens["refresh_token"], reports)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert begin(browser, reports[0], scope="openid").url.path == "/consent"


def test_AS_3_a_machine_gets_a_token_of_its_organization_and_no_other_client_does(
    server: Running, api: httpx2.Client, home: str, browser: httpx2.Client, client: httpx2.Client
) -> None:
    given = {"application_type": "m2m", "scopes": ["invoices:read"], "redirect_uris": []}
    machine = make(api, home, **given)
    ask = {"grant_type": "client_credentials"}
    answer = client.post("/oauth2/token", data=ask, headers=basic(*machine)).raise_for_status().json()
    assert set(answer) == {"access_token", "token_type", "expires_in", "scope"}
    claims = claims_of(client, answer["access_token"])
    assert (claims["sub"], claims["org_id"], claims["scope"]) == (machine[0], home, "invoices:read")
    shown = client.post("/oauth2/introspect", data={"token": answer["access_token"]}, headers=basic(*machine))
    assert shown.json()["active"]
    bearer = {"authorization": f"Bearer {answer['access_token']}"}
    assert client.get("/oauth2/userinfo", headers=bearer).status_code == 401
    more = client.post("/oauth2/token", data=ask | {"scope": "invoices:write"}, headers=basic(*machine))
    assert more.json()["error"] == "invalid_scope"
    assert begin(browser, machine[0]).status_code == 400
    for other in (make(api, home), (server.client_id, server.api_key)):
        refused = client.post("/oauth2/token", data=ask, headers=basic(*other))
        assert (refused.status_code, refused.json()["error"]) == (400, "unauthorized_client")


def test_a_device_of_an_application_is_approved_beside_what_it_asks_for(
    api: httpx2.Client, home: str, browser: httpx2.Client, client: httpx2.Client
) -> None:
    reports = make(api, home, name="Reports on TV")
    begun = client.post(
        "/oauth2/device_authorization", data={"scope": "openid profile"}, headers=basic(*reports)
    ).json()
    page = submit(browser, browser.get("/device"), user_code=begun["user_code"])
    page = signed_in(browser, page)
    for shown in ("Reports on TV", "a third party.", "See your name"):
        assert shown in page.text
    submit(browser, page, action="approve")
    body = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": begun["device_code"]}
    other = client.post("/oauth2/token", data=body, headers=basic(*make(api, home)))
    assert other.json()["error"] == "invalid_grant"
    tokens = client.post("/oauth2/token", data=body, headers=basic(*reports)).raise_for_status().json()
    assert claims_of(client, tokens["access_token"])["aud"] == reports[0]
    assert "code" in returned(begin(browser, reports[0], scope="openid profile"))  # it is remembered
    assert not re.search(r"vcs_", json.dumps(tokens))
