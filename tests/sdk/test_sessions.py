"""From the browser's sign-in to the logout, through the session helpers of both SDKs."""

from collections.abc import Iterator

import httpx2
import pytest
from cryptography.fernet import Fernet
from workos import WorkOSClient
from workos._errors import EmailVerificationRequiredError, OrganizationSelectionRequiredError
from workos.session import Session, seal_session_from_auth_response
from workos.user_management._resource import PasswordPlaintext

from tests.sdk.conftest import PASSWORD, new_email
from tests.sdk.node import Node, NodeError
from tests.server.hosted import Pkce, follow, returned, submit
from tests.servers import Running
from vestibule.server.identity.redirect_uris import ensure_redirect_uri

CALLBACK = "http://localhost:3001/sdk/callback"
COOKIE_PASSWORD = "only-these-tests-seal-cookies-with-this"
SESSION = (
    "GET /user_management/authorize",
    "POST /user_management/authenticate",
    "GET /user_management/users/{id}/sessions",
    "GET /user_management/sessions/logout",
    "GET /sso/jwks/{clientId}",
)


@pytest.fixture
def browser(server: Running) -> Iterator[httpx2.Client]:
    ensure_redirect_uri(server.identity, CALLBACK)
    with server.browser() as browser:
        yield browser


@pytest.mark.covers(*SESSION)
def test_a_session_lives_in_python(server: Running, sdk: WorkOSClient, browser: httpx2.Client) -> None:
    users, pkce = sdk.user_management, Pkce()
    user = users.create_user(email=new_email(), email_verified=True, password=PasswordPlaintext(PASSWORD))
    url = users.get_authorization_url(
        redirect_uri=CALLBACK,
        provider="authkit",
        state="a*b~c",
        code_challenge=pkce.challenge,
        code_challenge_method="S256",
    )
    page = follow(browser, browser.get(url))
    answer = returned(submit(browser, page, email=user.email, password=PASSWORD))
    assert answer["state"] == "a*b~c"
    tokens = users.authenticate_with_code(code=answer["code"], code_verifier=pkce.verifier)
    assert (tokens.user.id, tokens.authentication_method) == (user.id, "Password")
    (key,) = users.get_jwks(server.client_id).keys
    assert (key.kty, key.alg) == ("RSA", "RS256")
    session = sealed_session(sdk, tokens)
    claims = session.authenticate()
    assert claims.authenticated
    refreshed = session.refresh()
    assert refreshed.authenticated
    assert refreshed.session_id == claims.session_id
    (listed,) = users.list_sessions(user.id).data
    assert (listed.id, listed.status) == (claims.session_id, "active")
    assert browser.get(session.get_logout_url()).status_code in (200, 302)
    assert users.list_sessions(user.id).data[0].status == "revoked"
    assert not session.refresh().authenticated


def sealed_session(sdk: WorkOSClient, tokens: object) -> Session:
    password = Fernet.generate_key().decode()
    sealed = seal_session_from_auth_response(
        access_token=tokens.access_token,  # type: ignore[attr-defined]
        refresh_token=tokens.refresh_token,  # type: ignore[attr-defined]
        user=tokens.user.to_dict(),  # type: ignore[attr-defined]
        cookie_password=password,
    )
    return Session(client=sdk, session_data=sealed, cookie_password=password)


@pytest.mark.covers(*SESSION)
def test_a_session_lives_in_node(server: Running, node: Node, browser: httpx2.Client) -> None:
    given = {"email": new_email(), "emailVerified": True, "password": PASSWORD}
    user = node("userManagement.createUser", given)
    asked = {"redirectUri": CALLBACK, "provider": "authkit", "state": "a*b~c"}
    begun = node("userManagement.getAuthorizationUrlWithPKCE", asked)
    page = follow(browser, browser.get(begun["url"]))
    answer = returned(submit(browser, page, email=user["email"], password=PASSWORD))
    assert answer["state"] == begun["state"]
    proof = {"code": answer["code"], "codeVerifier": begun["codeVerifier"]}
    seal = {"session": {"sealSession": True, "cookiePassword": COOKIE_PASSWORD}}
    signed_in = node("userManagement.authenticateWithCode", proof | seal)
    assert (signed_in["user"]["id"], signed_in["authenticationMethod"]) == (user["id"], "Password")
    cookie = {"sessionData": signed_in["sealedSession"], "cookiePassword": COOKIE_PASSWORD}
    claims = node("userManagement.loadSealedSession", cookie, then="authenticate")
    assert claims["authenticated"] is True
    refreshed = node("userManagement.loadSealedSession", cookie, then="refresh")
    assert refreshed["authenticated"] is True
    assert refreshed["sessionId"] == claims["sessionId"]
    (listed,) = node("userManagement.listSessions", user["id"])["data"]
    assert (listed["id"], listed["status"]) == (claims["sessionId"], "active")
    url = node("userManagement.loadSealedSession", cookie, then="getLogoutUrl")
    assert browser.get(url).status_code in (200, 302)
    assert node("userManagement.listSessions", user["id"])["data"][0]["status"] == "revoked"
    cookie["sessionData"] = refreshed["sealedSession"]
    over = node("userManagement.loadSealedSession", cookie, then="refresh")
    assert (over["authenticated"], over["retryable"]) == (False, False)
    keys = browser.get(node("userManagement.getJwksUrl", server.client_id)).json()["keys"]
    assert [(key["kty"], key["alg"]) for key in keys] == [("RSA", "RS256")]


@pytest.mark.covers("POST /user_management/sessions/revoke")
def test_a_session_is_revoked_in_python(sdk: WorkOSClient) -> None:
    users = sdk.user_management
    user = users.create_user(email=new_email(), email_verified=True, password=PasswordPlaintext(PASSWORD))
    tokens = users.authenticate_with_password(email=user.email, password=PASSWORD)
    (session,) = users.list_sessions(user.id).data
    users.revoke_session(session_id=session.id)
    assert users.list_sessions(user.id).data[0].status == "revoked"
    assert not sealed_session(sdk, tokens).refresh().authenticated


@pytest.mark.covers("POST /user_management/sessions/revoke")
def test_a_session_is_revoked_in_node(node: Node) -> None:
    given = {"email": new_email(), "emailVerified": True, "password": PASSWORD}
    user = node("userManagement.createUser", given)
    tokens = node("userManagement.authenticateWithPassword", {"email": user["email"], "password": PASSWORD})
    (session,) = node("userManagement.listSessions", user["id"])["data"]
    node("userManagement.revokeSession", {"sessionId": session["id"]})
    with pytest.raises(NodeError) as refused:
        node("userManagement.authenticateWithRefreshToken", {"refreshToken": tokens["refreshToken"]})
    assert (refused.value.name, refused.value.code) == ("OauthException", "invalid_grant")


def test_steps_are_understood_in_python(sdk: WorkOSClient) -> None:
    users = sdk.user_management
    user = users.create_user(email=new_email(), password=PasswordPlaintext(PASSWORD))
    homes = [sdk.organizations.create_organization(name=name).id for name in ("North", "South")]
    for organization_id in homes:
        sdk.organization_membership.create_organization_membership(
            user_id=user.id, organization_id=organization_id
        )
    with pytest.raises(EmailVerificationRequiredError) as verify:
        users.authenticate_with_password(email=user.email, password=PASSWORD)
    code = users.get_email_verification(str(verify.value.email_verification_id)).code
    with pytest.raises(OrganizationSelectionRequiredError) as choose:
        users.authenticate_with_email_verification(
            code=code, pending_authentication_token=str(verify.value.pending_authentication_token)
        )
    done = users.authenticate_with_organization_selection(
        pending_authentication_token=str(choose.value.pending_authentication_token),
        organization_id=homes[0],
    )
    assert (done.organization_id, done.user.email_verified) == (homes[0], True)
    moved = users.authenticate_with_refresh_token(refresh_token=done.refresh_token, organization_id=homes[1])
    assert moved.organization_id == homes[1]


def test_steps_are_understood_in_node(node: Node) -> None:
    user = node("userManagement.createUser", {"email": new_email(), "password": PASSWORD})
    homes = [node("organizations.createOrganization", {"name": name})["id"] for name in ("North", "South")]
    for each in homes:
        given = {"userId": user["id"], "organizationId": each}
        node("userManagement.createOrganizationMembership", given)
    with pytest.raises(NodeError) as verify:
        node("userManagement.authenticateWithPassword", {"email": user["email"], "password": PASSWORD})
    assert (verify.value.name, verify.value.code) == (
        "AuthenticationException",
        "email_verification_required",
    )
    step = verify.value.data
    code = node("userManagement.getEmailVerification", step["email_verification_id"])["code"]
    pending = {"pendingAuthenticationToken": step["pending_authentication_token"]}
    with pytest.raises(NodeError) as choose:
        node("userManagement.authenticateWithEmailVerification", {"code": code} | pending)
    assert choose.value.code == "organization_selection_required"
    assert {each["id"] for each in choose.value.data["organizations"]} == set(homes)
    pending = {"pendingAuthenticationToken": choose.value.data["pending_authentication_token"]}
    chosen = {"organizationId": homes[0]} | pending
    done = node("userManagement.authenticateWithOrganizationSelection", chosen)
    assert done["organizationId"] == homes[0]
    switch = {"refreshToken": done["refreshToken"], "organizationId": homes[1]}
    assert node("userManagement.authenticateWithRefreshToken", switch)["organizationId"] == homes[1]
