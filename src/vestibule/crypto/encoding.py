"""Base64url without padding, read strictly: one text for one value."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

# The `speed` extra: the same functions, several times as fast.
codec: Any = import_module("pybase64" if find_spec("pybase64") else "base64")


def b64url_encode(data: bytes) -> str:
    encoded: bytes = codec.urlsafe_b64encode(data)
    return encoded.rstrip(b"=").decode("ascii")


def b64url_decode(text: str) -> bytes:
    """Raises ValueError unless `text` is exactly what `b64url_encode` writes.

    Padding, blanks and stray low bits would let one token be spelled in many ways, and so dodge a
    list of revoked spellings.
    """
    standard = text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4)
    try:
        decoded: bytes = codec.b64decode(standard, validate=True)
    except ValueError as error:
        raise ValueError("not canonical base64url") from error
    # Cheaper than looking at each character, and exactly what is promised.
    if b64url_encode(decoded) != text:
        raise ValueError("not canonical base64url")
    return decoded
