"""Base64url without padding, read strictly: one text for one value."""

import re
from importlib import import_module
from importlib.util import find_spec
from typing import Any

# The `speed` extra: the same functions, several times as fast.
codec: Any = import_module("pybase64" if find_spec("pybase64") else "base64")

ALPHABET = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)
# What may end a text of 4n + 0, 1, 2, 3 characters without leaving stray bits.
ENDINGS = ("", "", "AQgw", "AEIMQUYcgkosw048")


def b64url_encode(data: bytes) -> str:
    encoded: bytes = codec.urlsafe_b64encode(data)
    return encoded.rstrip(b"=").decode("ascii")


def b64url_decode(text: str) -> bytes:
    """Raises ValueError unless `text` is exactly what `b64url_encode` writes.

    Padding, blanks and stray low bits would let one token be spelled in many ways, and so dodge a
    list of revoked spellings.
    """
    rest = len(text) % 4
    if ALPHABET.fullmatch(text) is None or (rest and text[-1] not in ENDINGS[rest]):
        raise ValueError("not canonical base64url")
    decoded: bytes = codec.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_")
    return decoded
