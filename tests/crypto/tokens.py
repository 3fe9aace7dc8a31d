"""Tokens and keys for the tests, good and hostile."""

import json
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from vestibule.crypto.encoding import b64url_encode
from vestibule.crypto.keys import KeySet, parse_key_set
from vestibule.crypto.signing import create_signing_key, public_jwk

NOW = 1_767_225_600
ISSUER = "https://id.example.com"
CLIENT = "client_1"
KID = "key-1"

HEADER = {"alg": "RS256", "kid": KID, "typ": "at+jwt"}
CLAIMS = {
    "iss": ISSUER,
    "aud": CLIENT,
    "sub": "user_1",
    "sid": "session_1",
    "iat": NOW - 10,
    "exp": NOW + 300,
}


@cache
def signing_key(number: int = 1) -> RSAPrivateKey:
    return create_signing_key()


@cache
def key_set() -> KeySet:
    return parse_key_set(jwks(public_jwk(signing_key(), kid=KID)))


def jwks(*entries: Any) -> bytes:
    return json.dumps({"keys": entries}).encode()


def raw_token(header: Any, payload: Any, *, key: RSAPrivateKey | None = None) -> str:
    """Rightly signed, whatever is in it. Bytes are taken as they are, the rest becomes JSON."""
    signed = f"{segment(header)}.{segment(payload)}"
    signature = (key or signing_key()).sign(signed.encode(), PKCS1v15(), SHA256())
    return f"{signed}.{b64url_encode(signature)}"


def token(**changes: Any) -> str:
    """A good access token but for `changes`; a change to ... leaves the claim out."""
    return raw_token(HEADER, {k: v for k, v in {**CLAIMS, **changes}.items() if v is not ...})


def segment(part: Any) -> str:
    return b64url_encode(part if isinstance(part, bytes) else json.dumps(part).encode())
