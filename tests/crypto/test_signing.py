import json
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_elliptic
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.crypto.tokens import CLAIMS, CLIENT, ISSUER, NOW, jwks, signing_key
from vestibule.crypto.encoding import b64url_decode, b64url_encode
from vestibule.crypto.jwt import verify
from vestibule.crypto.keys import parse_key_set
from vestibule.crypto.signing import (
    dump_signing_key,
    key_id,
    load_signing_key,
    public_jwk,
    self_signed_certificate,
    sign,
)


def header_of(text: str) -> Any:
    return json.loads(b64url_decode(text.split(".")[0]))


def test_what_is_signed_is_verified() -> None:
    key = signing_key()
    text = sign(CLAIMS, key, kid=key_id(key))
    keys = parse_key_set(jwks(public_jwk(key)))
    assert verify(text, keys, now=NOW, issuers=(ISSUER,), audience=CLIENT) == CLAIMS
    assert header_of(text) == {"alg": "RS256", "kid": key_id(key), "typ": "at+jwt"}


def test_an_id_token_has_its_own_type() -> None:
    assert header_of(sign({}, signing_key(), kid="k", typ="JWT"))["typ"] == "JWT"


def test_the_key_id_belongs_to_the_public_half() -> None:
    key = signing_key()
    assert key_id(key) == key_id(key.public_key())


def test_a_published_key_holds_nothing_private() -> None:
    assert set(public_jwk(signing_key())) == {"kty", "use", "alg", "kid", "n", "e"}


def test_a_key_survives_storage() -> None:
    key = signing_key()
    assert key_id(load_signing_key(dump_signing_key(key))) == key_id(key)


def test_other_keys_are_not_loaded() -> None:
    small = generate_private_key(65537, 1024)  # noqa: S505 - to be refused
    elliptic = generate_elliptic(SECP256R1())
    for key in (small, elliptic):
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        with pytest.raises(ValueError, match="not an RSA signing key"):
            load_signing_key(pem)


def test_the_certificate_is_published_beside_the_key() -> None:
    key = signing_key()
    made_at = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = self_signed_certificate(key, name="id.example.com", not_before=made_at)
    certificate.verify_directly_issued_by(certificate)
    assert certificate.not_valid_after_utc - made_at > timedelta(days=3650)
    entry = public_jwk(key, certificate=certificate)
    chain = entry["x5c"]
    assert isinstance(chain, list)
    assert b64decode(str(chain[0])) == certificate.public_bytes(Encoding.DER)
    assert entry["x5t#S256"] == b64url_encode(certificate.fingerprint(SHA256()))
    assert parse_key_set(jwks(entry)).find(key_id(key)) is not None


def test_a_long_name_still_gives_a_certificate() -> None:
    certificate = self_signed_certificate(
        signing_key(), name="x" * 100, not_before=datetime(2026, 1, 1, tzinfo=UTC)
    )
    assert certificate.subject == certificate.issuer


def test_claims_that_are_not_json_are_not_signed() -> None:
    with pytest.raises(ValueError, match="JSON"):
        sign({"x": float("nan")}, signing_key(), kid="k")
