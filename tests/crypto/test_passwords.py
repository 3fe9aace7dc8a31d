import secrets
import subprocess

import pytest

from vestibule.crypto.passwords import PUBLISHED, check_cookie_password, utf16_length
from vestibule.errors import ConfigError


def problem(password: str, *, name: str = "VESTIBULE_COOKIE_PASSWORD") -> str:
    with pytest.raises(ConfigError) as caught:
        check_cookie_password(password, name=name)
    return caught.value.message


def test_what_openssl_makes_is_accepted() -> None:
    thousand = subprocess.run(
        ["openssl", "rand", "-base64", str(24 * 1000)], capture_output=True, check=True, text=True
    ).stdout.replace("\n", "")
    for start in range(0, len(thousand), 32):  # 24 bytes are 32 characters: each piece is what one call makes
        check_cookie_password(thousand[start : start + 32])


def test_what_python_makes_is_accepted() -> None:
    for _ in range(1000):
        check_cookie_password(secrets.token_urlsafe(24))
        check_cookie_password(secrets.token_hex(32))


@pytest.mark.parametrize("password", sorted(PUBLISHED))
def test_published_examples_are_refused(password: str) -> None:
    assert "published" in problem(password)
    assert "published" in problem(f" {password}\n")


def test_every_published_example_would_pass_otherwise() -> None:
    assert {each for each in PUBLISHED if utf16_length(each) < 32} == set()


@pytest.mark.parametrize("password", ["", "short", "a" * 31, "🔐" * 15 + "a"])
def test_short_ones_are_refused(password: str) -> None:
    assert f"has {utf16_length(password)} characters" in problem(password)


@pytest.mark.parametrize("password", ["x" * 48, "abcdefgh" * 8, "12345678" * 4])
def test_monotonous_ones_are_refused(password: str) -> None:
    assert "different characters" in problem(password)


def test_nine_different_characters_are_enough() -> None:
    check_cookie_password("abcdefghi" * 4)


def test_the_message_names_the_setting_and_the_command_but_not_the_password() -> None:
    message = problem("must-be-at-least-32-characters-long-secret", name="WORKOS_COOKIE_PASSWORD")
    assert message.startswith("WORKOS_COOKIE_PASSWORD ")
    assert "vestibule keygen" in message
    assert "openssl rand -base64 24" in message
    assert "must-be" not in message
