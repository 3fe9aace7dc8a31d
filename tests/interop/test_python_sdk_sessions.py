"""Sessions that the WorkOS Python SDK itself sealed are read once and sealed anew."""

from cryptography.fernet import Fernet
from workos.session import seal_session_from_auth_response

from vestibule.crypto.fernet import unseal_fernet
from vestibule.session.session_cookie import open_with, readers_of
from vestibule.testing import TestIssuer
from vestibule.testing.issuer import create_config

KEY = Fernet.generate_key().decode()


def test_what_the_sdk_sealed_is_a_session_here() -> None:
    issuer = TestIssuer(create_config(workos_python_passwords=(KEY,)))
    grant = issuer._grant("ada@example.com", {})
    sealed = seal_session_from_auth_response(
        access_token=issuer.access_token(grant),
        refresh_token="the_refresh_token",
        user=grant.user.to_api(),
        impersonator={"email": "boss@example.com", "reason": "a call"},
        cookie_password=KEY,
    )
    opened = open_with(readers_of(issuer.config), [sealed])
    assert opened is not None
    assert opened.outdated
    assert (opened.payload.user.id, opened.payload.user.email) == (grant.user.id, "ada@example.com")
    assert opened.payload.refresh_token == "the_refresh_token"
    assert opened.payload.impersonator is not None
    assert opened.payload.impersonator.reason == "a call"
    assert isinstance(unseal_fernet(sealed, (KEY,)), dict)
