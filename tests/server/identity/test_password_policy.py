import string
from importlib import resources
from itertools import pairwise
from random import Random

import pytest

from vestibule.server.identity.common_passwords import HEAD, SIZE, is_listed, size
from vestibule.server.identity.errors import Invalid
from vestibule.server.identity.password_policy import check_new_password, is_common
from vestibule.server.settings import Settings

SETTINGS = Settings(public_url="http://localhost:8100", secret="a-secret-that-only-these-tests-know-of")


def codes(password: str, email: str = "ada.lovelace@example.com") -> list[str]:
    try:
        check_new_password(password, email=email, settings=SETTINGS)
    except Invalid as refused:
        return [error["code"] for error in refused.errors]
    return []


def test_every_reason_is_told_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        check_new_password("quillovate1", email="quillovate@example.com", settings=SETTINGS)
    assert refused.value.code == "password_strength_error"
    assert [error["field"] for error in refused.value.errors] == ["password"]
    assert all(error["message"].endswith(".") for error in refused.value.errors)


@pytest.mark.parametrize(
    "password",
    [
        "seven green bottles", " leading and trailing ", "xK9#mQ2$", "ngfkwuvbq", "🦉🦊🐢🐙🦕🦔🐝🦚",
        "with\x00nul", "x7 Kp" * 12, "pässwörtliche Rede", "the one about 1815",
    ],
)  # fmt: skip
def test_PW_1_good_passwords_need_no_digits_and_no_signs(password: str) -> None:
    assert codes(password) == []


def test_PW_1_lengths_from_8_to_1024_are_taken() -> None:
    phrase = "a quick brown dog over the lazy fox; " * 40
    assert codes(phrase[:7]) == ["password_too_short"]
    for length in (8, 64, 128, 1024):
        assert codes(phrase[:length]) == []
    assert codes(phrase[:1025]) == ["password_too_long"]


@pytest.mark.parametrize(
    "password",
    [
        "password", "PASSWORD", "Password1", "P@ssw0rd!", "12345678", "1234567890!", "qwertyuiop",
        "letmein2026", "iloveyou!", "Summer2026!", "aaaaaaaa", "abababab", "abcabcabc", "abcdefgh",
        "87654321", "sunshine77", "1qaz2wsx", "correcthorsebatterystaple", "a!!!!!!!",
    ],
)  # fmt: skip
def test_PW_3_passwords_that_attackers_try_first_are_refused(password: str) -> None:
    assert codes(password) == ["password_too_common"]
    assert is_common(password)


@pytest.mark.parametrize(
    "password", ["ada.lovelace@example.com", "ada.lovelace", "Lovelace99", "lovelace-ada", "EXAMPLE.com"]
)
def test_PW_3_passwords_made_of_the_address_are_refused(password: str) -> None:
    assert "password_contains_context" in codes(password)


def test_PW_3_the_name_of_the_service_is_no_password() -> None:
    assert codes("vestibule") == ["password_too_common", "password_contains_context"]
    assert codes("a vestibule full of umbrellas") == []


@pytest.mark.parametrize("password", ["Acme Payroll", "acmepayroll1", "payroll2026!"])
def test_PW_3_nor_is_the_name_of_the_application(password: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_new_password(password, email="ada@example.com", settings=SETTINGS, service="Acme Payroll")
    assert "password_contains_context" in [error["code"] for error in refused.value.errors]


@pytest.mark.parametrize("password", ["01031983", "31121999!", "19830103", "12252001"])
def test_PW_3_nor_is_a_date(password: str) -> None:
    assert codes(password) == ["password_too_common"]


def test_a_long_password_may_mention_a_name() -> None:
    assert codes("lovelace wrote notes on engines") == []


def test_what_is_no_text_is_refused() -> None:
    assert codes("broken\ud800text") == ["password_not_text"]


@pytest.mark.parametrize(
    "password",
    [
        "basketball", "Christopher", "1q2w3e4r5t", "zaq12wsx", "fuckyou1", "encyclopedia", "password12345678",
        "metallica1986", "bocajuniors!", "iloveyou1234567", "Manchester", "basebal1",
    ],
)  # fmt: skip
def test_PW_3_leaked_passwords_words_and_names_are_refused(password: str) -> None:
    assert "password_too_common" in codes(password)


@pytest.mark.parametrize("password", ["dog94817263", "k!9'{+%:?>,", "monkey$4#8%2&6", "7294610385x"])
def test_a_long_ending_that_nobody_would_guess_is_a_password(password: str) -> None:
    assert codes(password) == []


def test_the_list_is_small_in_memory_and_finds_exactly_what_is_listed() -> None:
    assert 80_000 < size() < 100_000
    data = resources.files("vestibule.server.identity").joinpath("common_passwords.bin").read_bytes()
    assert len(data) == HEAD + SIZE * size() < 400_000
    entries = [data[place : place + SIZE] for place in range(HEAD, len(data), SIZE)]
    starts = [int.from_bytes(data[place : place + SIZE]) for place in range(0, HEAD, SIZE)]
    assert all(entries[low:high] == sorted(set(entries[low:high])) for low, high in pairwise(starts))
    assert is_listed("basketball")
    assert not is_listed("Basketball")
    assert not is_listed("")


def test_hardly_a_random_password_is_taken_for_a_common_one() -> None:
    dice = Random(1815)  # noqa: S311 - the same passwords every time
    letters = string.ascii_letters + string.digits + string.punctuation
    made = ("".join(dice.choices(letters, k=10)) for _ in range(20_000))
    assert sum(map(is_common, made)) <= 2
