"""WorkOS's own Python SDK, unmodified, against this server."""

from collections.abc import Iterator
from itertools import count

import pytest
from cryptography.fernet import Fernet
from workos import (
    BadRequestError,
    NotFoundError,
    RateLimitExceededError,
    UnprocessableEntityError,
    WorkOSClient,
)
from workos._errors import (
    AuthenticationError,
    EmailVerificationRequiredError,
    OrganizationSelectionRequiredError,
)
from workos.organization_membership._resource import RoleSingle
from workos.session import Session, seal_session_from_auth_response
from workos.user_management._resource import PasswordPlaintext

from tests.server.api.conftest import PASSWORD
from tests.server.hosted import Pkce, follow, returned, submit
from tests.servers import Running

numbers = count(1)


@pytest.fixture(scope="module")
def sdk(server: Running) -> Iterator[WorkOSClient]:
    with WorkOSClient(
        api_key=server.api_key,
        client_id=server.client_id,
        base_url=server.url,
        jwt_issuer=server.url,
        max_retries=0,
    ) as client:
        yield client


def email() -> str:
    return f"sdk{next(numbers)}@example.com"


def test_users_live_through_the_sdk(sdk: WorkOSClient) -> None:
    users = sdk.user_management
    made = users.create_user(
        email=email(), first_name="Ada", metadata={"plan": "pro"}, password=PasswordPlaintext(PASSWORD)
    )
    external_id = f"sdk-{made.id}"
    changed = users.update_user(made.id, last_name="Lovelace", external_id=external_id)
    assert (changed.first_name, changed.last_name) == ("Ada", "Lovelace")
    assert users.get_user(made.id).metadata == {"plan": "pro"}
    assert users.get_user_by_external_id(external_id).id == made.id
    assert [user.id for user in users.list_users(email=made.email).data] == [made.id]
    assert users.get_user_identities(made.id) == []
    users.delete_user(made.id)
    with pytest.raises(NotFoundError):
        users.get_user(made.id)


def test_pages_are_walked_by_the_sdk(sdk: WorkOSClient) -> None:
    made = [sdk.organizations.create_organization(name=f"Walked {number}").id for number in range(5)]
    page = sdk.organizations.list_organizations(limit=2, search="Walked")
    assert [each.id for each in page.auto_paging_iter()] == made[::-1]


def test_errors_are_those_the_sdk_knows(sdk: WorkOSClient) -> None:
    users = sdk.user_management
    with pytest.raises(UnprocessableEntityError):
        users.create_user(email="not an address")
    taken = users.create_user(email=email()).email
    with pytest.raises(BadRequestError):
        users.create_user(email=taken)
    with pytest.raises(BadRequestError):
        users.authenticate_with_code(code="unknown")
    with pytest.raises(UnprocessableEntityError):
        users.list_users(limit=1000)
    for _ in range(3):
        users.reset_password(email=taken)
    with pytest.raises(RateLimitExceededError):
        users.reset_password(email=taken)


def test_a_wrong_key_is_an_authentication_error(server: Running) -> None:
    with (
        WorkOSClient(api_key="sk_test_wrong", client_id=server.client_id, base_url=server.url) as stranger,
        pytest.raises(AuthenticationError),
    ):
        stranger.user_management.list_users()


def test_verification_is_a_step_that_the_sdk_understands(sdk: WorkOSClient) -> None:
    users = sdk.user_management
    user = users.create_user(email=email(), password=PasswordPlaintext(PASSWORD))
    with pytest.raises(EmailVerificationRequiredError) as step:
        users.authenticate_with_password(email=user.email, password=PASSWORD)
    verification = users.get_email_verification(str(step.value.email_verification_id))
    done = users.authenticate_with_email_verification(
        code=verification.code, pending_authentication_token=str(step.value.pending_authentication_token)
    )
    assert done.user.email_verified


def test_choosing_an_organization_is_a_step_that_the_sdk_understands(sdk: WorkOSClient) -> None:
    users = sdk.user_management
    user = users.create_user(email=email(), email_verified=True, password=PasswordPlaintext(PASSWORD))
    chosen = [sdk.organizations.create_organization(name=name).id for name in ("North", "South")]
    for organization_id in chosen:
        membership = sdk.organization_membership.create_organization_membership(
            user_id=user.id, organization_id=organization_id, role=RoleSingle("admin")
        )
        assert membership.role.slug == "admin"
    listed = sdk.organization_membership.list_organization_memberships(user_id=user.id, statuses=["active"])
    assert {each.organization_id for each in listed.data} == set(chosen)
    with pytest.raises(OrganizationSelectionRequiredError) as step:
        users.authenticate_with_password(email=user.email, password=PASSWORD)
    done = users.authenticate_with_organization_selection(
        pending_authentication_token=str(step.value.pending_authentication_token), organization_id=chosen[0]
    )
    assert done.organization_id == chosen[0]
    moved = users.authenticate_with_refresh_token(refresh_token=done.refresh_token, organization_id=chosen[1])
    assert moved.organization_id == chosen[1]


def test_a_password_is_reset_through_the_sdk(sdk: WorkOSClient) -> None:
    users = sdk.user_management
    user = users.create_user(email=email(), email_verified=True, password=PasswordPlaintext(PASSWORD))
    reset = users.reset_password(email=user.email)
    assert users.get_password_reset(reset.id).password_reset_token == reset.password_reset_token
    answer = users.confirm_password_reset(token=reset.password_reset_token, new_password="Another-1-Horse")
    assert answer.user.id == user.id


def test_redirect_uris_and_events_through_the_sdk(sdk: WorkOSClient) -> None:
    made = sdk.user_management.create_redirect_uri(uri=f"https://sdk{next(numbers)}.example.com/callback")
    assert made.id in {each.id for each in sdk.user_management.list_redirect_uris(limit=100).data}
    found = sdk.events.list_events(events=["user.created", "user.deleted"], limit=5)
    assert {each.event for each in found.data} <= {"user.created", "user.deleted"}


def test_a_whole_session_from_the_browser_to_the_logout(server: Running, sdk: WorkOSClient) -> None:
    users = sdk.user_management
    user = users.create_user(email=email(), email_verified=True, password=PasswordPlaintext(PASSWORD))
    callback = "http://localhost:3001/sdk/callback"
    users.create_redirect_uri(uri=callback)
    pkce = Pkce()
    url = users.get_authorization_url(
        redirect_uri=callback,
        provider="authkit",
        state="a*b~c",
        code_challenge=pkce.challenge,
        code_challenge_method="S256",
    )
    with server.browser() as browser:
        answer = returned(
            submit(browser, follow(browser, browser.get(url)), email=user.email, password=PASSWORD)
        )
        assert answer["state"] == "a*b~c"
        tokens = users.authenticate_with_code(code=answer["code"], code_verifier=pkce.verifier)
        password = Fernet.generate_key().decode()
        sealed = seal_session_from_auth_response(
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token,
            user=tokens.user.to_dict(),
            cookie_password=password,
        )
        session = Session(client=sdk, session_data=sealed, cookie_password=password)
        claims = session.authenticate()
        assert claims.authenticated
        refreshed = session.refresh()
        assert refreshed.authenticated
        assert refreshed.session_id == claims.session_id
        (listed,) = users.list_sessions(user.id).data
        assert (listed.id, listed.status) == (claims.session_id, "active")
        left = browser.get(session.get_logout_url())
        assert left.status_code in (200, 302)
    assert users.list_sessions(user.id).data[0].status == "revoked"
    assert not session.refresh().authenticated
