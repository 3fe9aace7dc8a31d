"""Proof Key for Code Exchange (RFC 7636), S256 only, and the hash that names a flow's cookie."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

from vestibule.crypto.encoding import b64url_encode

FNV_OFFSET = 0x811C9DC5
FNV_PRIME = 0x01000193


@dataclass(frozen=True, slots=True)
class Pkce:
    verifier: str = field(repr=False)
    challenge: str


def create_pair(*, entropy: Callable[[int], bytes] = os.urandom) -> Pkce:
    verifier = b64url_encode(entropy(32))
    return Pkce(verifier=verifier, challenge=challenge_of(verifier))


def challenge_of(verifier: str) -> str:
    return b64url_encode(sha256(verifier.encode("utf-8", "surrogatepass")).digest())


def fnv1a(text: str) -> str:
    """32-bit FNV-1a of the UTF-8 bytes, eight lower-case hex digits. A name, not a security measure."""
    value = FNV_OFFSET
    for byte in text.encode("utf-8", "surrogatepass"):
        value = (value ^ byte) * FNV_PRIME & 0xFFFFFFFF
    return f"{value:08x}"
