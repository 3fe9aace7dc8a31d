import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vestibule.wire.models import Impersonator, OAuthTokens, User

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "session-vectors.json").read_text("utf-8"))
COOKIE_USER = next(each for each in VECTORS["seals"] if each["id"] == "session_basic_authkit_session")[
    "plaintext"
]["user"]


def test_a_user_comes_out_of_the_cookie_and_goes_back_unchanged() -> None:
    user = User.from_cookie(COOKIE_USER)
    assert user.created_at == datetime(2025, 1, 1, tzinfo=UTC)
    assert json.dumps(user.to_cookie()) == json.dumps(COOKIE_USER)


def test_the_api_spells_the_same_user_in_snake_case() -> None:
    user = User.from_cookie(COOKIE_USER)
    assert User.from_api(user.to_api()) == user
    assert user.to_api()["profile_picture_url"] == COOKIE_USER["profilePictureUrl"]


def test_keys_of_metadata_are_never_re_cased() -> None:
    user = User.from_api({"id": "user_1", "email": "a@b.c", "metadata": {"plan_name": "x", "planName": "y"}})
    assert user.to_cookie()["metadata"] == {"plan_name": "x", "planName": "y"}


def test_an_older_cookie_lacks_the_name_and_a_newer_one_has_more() -> None:
    user = User.from_cookie({"id": "user_1", "email": "a@b.c", "shoeSize": 43})
    assert user.name is None
    assert "shoeSize" not in user.to_cookie()


@pytest.mark.parametrize("value", [5, None, "", [], {}])
def test_a_user_needs_an_id(value: object) -> None:
    with pytest.raises(ValueError, match="id"):
        User.from_cookie({"id": value, "email": "a@b.c"})


@pytest.mark.parametrize("text", ["yesterday", "", 7, "2026-13-01T00:00:00Z", "2026-01-01T00:00:00+25:00"])
def test_an_unreadable_time_counts_as_absent(text: object) -> None:
    assert User.from_cookie({"id": "u", "email": "e", "createdAt": text}).created_at is None


def test_a_time_without_zone_is_utc() -> None:
    user = User.from_api({"id": "u", "email": "e", "created_at": "2026-01-01T12:00:00"})
    assert user.created_at == datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_only_true_is_verified() -> None:
    assert not User.from_api({"id": "u", "email": "e", "email_verified": "false"}).email_verified


def test_an_impersonator_may_give_no_reason() -> None:
    assert Impersonator.from_api({"email": "a@b.c", "reason": None}).to_cookie() == {
        "email": "a@b.c",
        "reason": None,
    }
    with pytest.raises(ValueError, match="email"):
        Impersonator.from_api({"reason": "because"})


def test_oauth_tokens_go_through_the_cookie_and_show_nothing() -> None:
    tokens = OAuthTokens.from_api(
        {"access_token": "at-1", "refresh_token": "rt-1", "expires_at": 5, "scopes": ["a"]}
    )
    assert OAuthTokens.from_cookie(tokens.to_cookie()) == tokens
    assert "at-1" not in repr(tokens)
    assert "rt-1" not in repr(tokens)
