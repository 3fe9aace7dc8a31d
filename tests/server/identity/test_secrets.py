import pytest

from vestibule.errors import ConfigError
from vestibule.server.identity.secrets import digest, new_token, open_at_rest, seal_at_rest

SECRET = "a-secret-that-only-these-tests-know-of"


def test_tokens_are_long_and_differ() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {43}


def test_a_digest_is_of_any_text() -> None:
    assert len(digest("")) == 32
    assert len(digest("\udcff\x00")) == 32
    assert digest("a") != digest("b")


def test_what_is_sealed_opens_under_the_same_secret_only() -> None:
    sealed = seal_at_rest({"code": "123456"}, SECRET)
    assert "123456" not in sealed
    assert open_at_rest(sealed, SECRET) == {"code": "123456"}
    with pytest.raises(ConfigError, match="VESTIBULE_SERVER_SECRET") as caught:
        open_at_rest(sealed, SECRET[::-1])
    assert caught.value.code == "secret_changed"
