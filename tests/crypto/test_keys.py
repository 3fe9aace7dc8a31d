import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from tests.crypto.tokens import jwks, signing_key
from vestibule.crypto.encoding import b64url_encode
from vestibule.crypto.keys import MAX_BYTES, parse_key_set
from vestibule.crypto.signing import public_jwk

GOOD = public_jwk(signing_key(), kid="good")


def number(value: int) -> str:
    return b64url_encode(value.to_bytes((value.bit_length() + 7) // 8 or 1))


SHORT = public_jwk(generate_private_key(65537, 1024), kid="short")  # noqa: S505 - to be refused


@pytest.mark.parametrize(
    "change",
    [
        {"kty": "oct", "k": "AAAA"},
        {"kty": "EC"},
        {"use": "enc"},
        {"d": "AQAB"},
        {"p": "AQAB"},
        {"k": "AQAB"},
        {"e": number(1)},
        {"e": number(2)},
        {"e": number(65536)},
        {"e": number(2**32 + 1)},
        {"e": ""},
        {"e": 65537},
        {"n": SHORT["n"]},
        {"n": number(1)},
        {"n": number(2**8200 + 1)},
        {"n": str(GOOD["n"]) + "=="},
        {"n": None},
        {"alg": "RS512"},
        {"alg": "PS256"},
        {"alg": None},
        {"key_ops": ["encrypt"]},
        {"key_ops": "verify"},
        {"kid": 1},
        {"kid": ""},
        {"kid": "x" * 257},
    ],
)
def test_JK_3_unusable_entries_are_left_out_and_the_others_work(change: dict[str, Any]) -> None:
    keys = parse_key_set(jwks({**GOOD, "kid": "bad", **change}, GOOD))
    assert list(keys.keys) == ["good"]
    assert keys.find("good") is not None


@pytest.mark.parametrize("entry", [None, 1, "key", [], {}])
def test_JK_3_entries_that_are_no_keys_are_left_out(entry: Any) -> None:
    assert list(parse_key_set(jwks(entry, GOOD)).keys) == ["good"]


def test_JK_3_an_elliptic_key_cannot_hide_the_real_one() -> None:
    keys = parse_key_set(jwks({"kty": "EC", "crv": "P-256", "kid": "good", "x": "AA", "y": "AA"}, GOOD))
    assert keys.find("good") is not None


def test_key_operations_and_certificates_may_be_there() -> None:
    assert parse_key_set(jwks({**GOOD, "key_ops": ["verify"], "x5c": ["..."], "x5t": "x"})).find("good")


def test_the_first_of_two_keys_with_one_id_counts() -> None:
    other = public_jwk(signing_key(2), kid="good")
    key = parse_key_set(jwks(GOOD, other)).find("good")
    assert key is not None
    assert key.public_numbers() == signing_key().public_key().public_numbers()


def test_finding() -> None:
    without_id = {name: value for name, value in GOOD.items() if name != "kid"}
    one, two = parse_key_set(jwks(without_id)), parse_key_set(jwks(without_id, GOOD))
    assert one.find(None) is not None
    assert one.find("good") is None
    assert two.find(None) is None
    assert two.find("good") is not None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>",
        b"{}",
        b"[]",
        b'{"keys":{}}',
        b'{"keys":[',
        b'{"keys":[],"keys":[]}',
        b"\xff",
        json.dumps({"keys": [GOOD] * 51}).encode(),
        b'{"keys":[' + b" " * MAX_BYTES + b"]}",
        b'{"keys":' + b"[" * 5000 + b"]" * 5000 + b"}",
    ],
)
def test_what_is_no_key_set_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - internal, its text is not promised
        parse_key_set(data)


def test_an_empty_key_set_is_one() -> None:
    assert parse_key_set(jwks()).keys == {}
