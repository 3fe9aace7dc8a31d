import datetime as dt
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from vestibule.server.identity import totp

RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238 appendix B: the ASCII of 12345678901234567890
VECTORS = [  # the last six of its eight digits
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]
NOW = dt.datetime(2026, 1, 15, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_the_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    moment = dt.datetime.fromtimestamp(seconds, dt.UTC)
    step = totp.step_at(moment)
    assert totp.code_of(RFC_SECRET, step) == code
    assert totp.find_step(RFC_SECRET, code, now=moment) == step


def test_a_code_fits_its_step_and_the_one_to_each_side() -> None:
    step = totp.step_at(NOW)
    found = [
        totp.find_step(RFC_SECRET, totp.code_of(RFC_SECRET, step + off), now=NOW) for off in range(-2, 3)
    ]
    assert found == [None, step - 1, step, step + 1, None]


@pytest.mark.parametrize(
    "typed",
    ["", "28708", "2870822", "28708a", "287 082", "-87082", "２８７０８２", "٢٨٧٠٨٢", "287082\x00", "+28708"],  # noqa: RUF001
)
def test_EV_4_only_six_ascii_digits_are_a_code(typed: str) -> None:
    now = dt.datetime.fromtimestamp(59, dt.UTC)
    assert totp.find_step(RFC_SECRET, " 287082\n", now=now) is not None
    assert totp.find_step(RFC_SECRET, typed, now=now) is None


def test_TO_3_a_secret_has_160_bits() -> None:
    first, second = totp.new_secret(), totp.new_secret()
    assert len(first) * 5 == 160
    assert first != second
    assert totp.parse_secret(first) == first


def test_secrets_are_taken_as_people_copy_them() -> None:
    assert totp.parse_secret("gezd gnbv gy3t qojq") == "GEZDGNBVGY3TQOJQ"
    assert totp.parse_secret("MFRGGZDFMZTWQ2LKNNWG23Q=") == "MFRGGZDFMZTWQ2LKNNWG23Q"
    for wrong in ("", "GEZDGNBV", "1" * 32, "GEZDGNBVGY3TQOJ\u0660", "A" * 300):
        with pytest.raises(ValueError, match=r"base32|short"):
            totp.parse_secret(wrong)


def test_the_address_says_what_authenticator_apps_read() -> None:
    uri = totp.uri_of(RFC_SECRET, issuer="Foo & Söhne", account="alan:turing@example.com")
    parts = urlsplit(uri)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert unquote(parts.path) == "/Foo & Söhne:alan:turing@example.com"
    assert parts.path.count(":") == 1
    assert {name: values[0] for name, values in parse_qs(parts.query).items()} == {
        "secret": RFC_SECRET,
        "issuer": "Foo & Söhne",
        "algorithm": "SHA1",
        "digits": "6",
        "period": "30",
    }
