import pytest

argon2 = pytest.importorskip("argon2", reason="the server's extra")

from vestibule.crypto.password_hash import (  # noqa: E402
    DUMMY_HASH,
    hash_password,
    needs_rehash,
    verify_nobody,
    verify_password,
)


def test_a_password_fits_its_hash_and_no_other() -> None:
    stored = hash_password("correct horse")
    assert verify_password(stored, "correct horse")
    assert not verify_password(stored, "correct horse ")
    assert stored != hash_password("correct horse")


def test_the_parameters_are_those_promised() -> None:
    parameters = argon2.extract_parameters(hash_password("x"))
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (19_456, 2, 1)
    assert parameters.type is argon2.Type.ID


@pytest.mark.parametrize(
    "password", [" leading", "trailing ", "🔐🔐", "a\x00b", "x" * 64, "x" * 1024, "\ud800"]
)
def test_PW_1_a_password_is_taken_exactly(password: str) -> None:
    stored = hash_password(password)
    assert verify_password(stored, password)
    assert not verify_password(stored, password + " ")
    assert not verify_password(stored, password.strip("\x00 xb") + "?")


def test_PW_1_an_overlong_password_is_refused_before_hashing() -> None:
    with pytest.raises(ValueError, match="1024"):
        hash_password("x" * 1025)
    assert not verify_password("a hash that would fail too", "x" * 1025)


def test_nobody_costs_as_much_as_somebody() -> None:
    assert argon2.extract_parameters(DUMMY_HASH) == argon2.extract_parameters(hash_password("x"))
    assert verify_nobody("x") is False


def test_a_damaged_hash_fits_nothing() -> None:
    for stored in ("", "garbage", DUMMY_HASH[:-5], "$argon2id$v=19$m=1$x$y", DUMMY_HASH + "é"):
        assert not verify_password(stored, "x")
    assert needs_rehash("garbage")


def test_a_weaker_hash_is_made_anew() -> None:
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("x")
    assert verify_password(weak, "x")
    assert needs_rehash(weak)
    assert not needs_rehash(hash_password("x"))
