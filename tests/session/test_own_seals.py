"""Cookies that others sealed: the WorkOS Python SDK before a move, and a sealer of the app's own."""

import secrets

import pytest
from cryptography.fernet import Fernet

from tests.crypto.test_sealer import Backwards, seal_data
from tests.session.browser import Browser, open_browser
from vestibule.crypto.seal import unseal
from vestibule.errors import ConfigError
from vestibule.session.config import Config

KEY = Fernet.generate_key().decode()


def sdk_cookie(browser: Browser, **members: object) -> str:
    """What the SDK's `seal_session_from_auth_response` makes of this person."""
    grant = browser.issuer._grant("ada@example.com", {})
    session = {
        "access_token": browser.issuer.access_token(grant),
        "refresh_token": browser.issuer.refresh_token(grant),
        "user": {**grant.user.to_api(), "first_name": "Ada", "metadata": {"some_key": "x"}},
        **members,
    }
    return seal_data(session, KEY)


def test_a_session_of_the_python_sdk_is_read_once_and_sealed_anew() -> None:
    browser = open_browser(workos_python_passwords=(KEY,))
    browser.jar["wos-session"] = sdk_cookie(
        browser, impersonator={"email": "boss@example.com", "reason": None}
    )
    session = browser.session()
    assert session is not None
    assert (session.user.first_name, dict(session.user.metadata)) == ("Ada", {"some_key": "x"})
    assert session.impersonator is not None
    browser.get("/auth/session")
    taken_over = unseal(browser.jar["wos-session"], browser.issuer.config.cookie_passwords)
    assert isinstance(taken_over, dict)
    assert set(taken_over) == {"accessToken", "refreshToken", "user", "impersonator"}
    assert taken_over["user"]["firstName"] == "Ada"  # type: ignore[index, call-overload]
    assert browser.session() is not None


@pytest.mark.parametrize("members", [{"user": {}}, {"user": None}, {"access_token": 1}])
def test_what_is_no_session_of_the_sdk_is_nobody(members: dict[str, object]) -> None:
    browser = open_browser(workos_python_passwords=(KEY,))
    browser.jar["wos-session"] = sdk_cookie(browser, **members)
    assert browser.session() is None


def test_without_the_setting_it_is_nobody() -> None:
    browser = open_browser()
    browser.jar["wos-session"] = sdk_cookie(browser)
    assert browser.session() is None


def test_a_sealer_of_the_apps_own_seals_everything_and_takes_over_what_ours_sealed() -> None:
    browser = open_browser(own_sealer=Backwards())
    browser.jar["wos-session"] = browser.issuer.cookies(email="ada@example.com")["wos-session"]
    assert "ada@example.com" in browser.get("/auth/session").body
    assert b"accessToken" in bytes.fromhex(browser.jar["wos-session"])
    assert browser.session() is not None
    begun = browser.get("/auth/sign-in")
    assert b"codeVerifier" in bytes.fromhex(begun.query["state"])


def test_settings_say_what_is_wrong_with_globs_and_keys() -> None:
    with pytest.raises(ConfigError) as caught:
        Config(
            client_id="client_1",
            redirect_uri="https://app.example.com/callback",
            cookie_passwords=(secrets.token_urlsafe(32),),
            public_paths=("/a/*", "/b"),
            sign_up_paths=("/(c",),
            workos_python_passwords=("short",),
        )
    assert len(caught.value.problems) == 3
