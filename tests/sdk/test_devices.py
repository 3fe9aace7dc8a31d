"""A device signs in while somebody approves it in a browser. Node has no method to begin with."""

import httpx2
import pytest
from workos import BadRequestError, WorkOSClient
from workos.user_management._resource import PasswordPlaintext

from tests.sdk.conftest import PASSWORD, new_email
from tests.server.hosted import follow, submit
from tests.servers import Running


@pytest.mark.covers("POST /user_management/authorize/device", "POST /user_management/authenticate")
def test_a_device_signs_in_in_python(server: Running, sdk: WorkOSClient) -> None:
    users = sdk.user_management
    user = users.create_user(email=new_email(), email_verified=True, password=PasswordPlaintext(PASSWORD))
    begun = users.create_device(client_id=server.client_id)
    assert begun.verification_uri_complete is not None
    with pytest.raises(BadRequestError) as pending:
        users.authenticate_with_device_code(device_code=begun.device_code)
    assert pending.value.error == "authorization_pending"
    with server.browser() as browser:
        approve(browser, begun.verification_uri_complete, user.email)
    signed_in = users.authenticate_with_device_code(device_code=begun.device_code)
    assert (signed_in.user.id, signed_in.authentication_method) == (user.id, "Password")
    assert users.authenticate_with_refresh_token(refresh_token=signed_in.refresh_token).user.id == user.id


def approve(browser: httpx2.Client, address: str, email: str) -> None:
    page = submit(browser, follow(browser, browser.get(address)))
    page = submit(browser, page, email=email, password=PASSWORD)
    page = submit(browser, page, action="approve")
    assert "Your device is signed in" in page.text
