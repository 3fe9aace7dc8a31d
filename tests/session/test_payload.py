import json
from pathlib import Path

import pytest

from vestibule.session.payload import Payload
from vestibule.wire.models import OAuthTokens, User
from vestibule.wire.tokens import TokenAnswer

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "session-vectors.json").read_text("utf-8"))
BY_ID = {each["id"]: each["plaintext"] for each in VECTORS["seals"]}
USER = {"id": "user_1", "email": "ada@example.com"}


@pytest.mark.parametrize(
    "name",
    [
        "session_basic_authkit_session",
        "session_basic_iron_session",
        "session_impersonator",
        "session_unicode",
    ],
)
def test_a_javascript_session_is_written_back_byte_for_byte(name: str) -> None:
    payload = Payload.read(BY_ID[name])
    assert payload is not None
    assert json.dumps(payload.to_cookie()) == json.dumps(BY_ID[name])


def test_the_full_nextjs_shape_is_read_and_its_redundant_organization_dropped() -> None:
    payload = Payload.read(BY_ID["session_nextjs_refreshsession_shape"])
    assert payload is not None
    assert list(payload.to_cookie()) == ["accessToken", "refreshToken", "user", "authenticationMethod"]


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "text",
        7,
        {},
        {"accessToken": "a", "refreshToken": "r"},
        {"accessToken": "a", "refreshToken": "r", "user": {}},
        {"accessToken": "", "refreshToken": "r", "user": USER},
        {"accessToken": "a", "refreshToken": None, "user": USER},
        {"access_token": "a", "refresh_token": "r", "user": USER},
        {"nonce": "n", "codeVerifier": "v", "issuedAt": 1},
        {"accessToken": "a", "refreshToken": "r", "user": USER, "impersonator": {"reason": "x"}},
    ],
)
def test_anything_else_is_no_session(value: object) -> None:
    assert Payload.read(value) is None


def test_a_refresh_takes_the_person_from_the_answer_and_carries_over_what_it_omits() -> None:
    before = Payload.read(
        {
            "accessToken": "a",
            "refreshToken": "r",
            "user": USER,
            "impersonator": {"email": "admin@example.com", "reason": None},
            "authenticationMethod": "Passkey",
            "oauthTokens": {"accessToken": "up", "refreshToken": None, "expiresAt": None, "scopes": []},
        }
    )
    fresh = User(id="user_1", email="new@example.com")
    after = Payload.of(TokenAnswer(user=fresh, access_token="a2", refresh_token="r2"), before=before)
    assert after.user.email == "new@example.com"
    assert after.impersonator is None
    assert after.authentication_method == "Passkey"
    assert after.oauth_tokens == OAuthTokens(access_token="up")


def test_no_secret_shows_in_the_repr() -> None:
    payload = Payload(access_token="at-1", refresh_token="rt-1", user=User(id="user_1", email="e"))
    assert "at-1" not in repr(payload)
    assert "rt-1" not in repr(payload)
