"""Base64url without padding, read strictly: one text for one value."""

import base64
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

# The `speed` extra: the same functions, several times as fast.
codec: Any = import_module("pybase64") if find_spec("pybase64") else base64

ALTERNATIVES = b"-_"
PADDING = ("", "===", "==", "=")


def encode_plainly(data: bytes, altchars: bytes) -> str:
    """With nothing but the standard library."""
    return base64.b64encode(data, altchars).decode("ascii")


_encode: Callable[[bytes, bytes], str] = getattr(codec, "b64encode_as_string", encode_plainly)


def b64url_encode(data: bytes) -> str:
    return _encode(data, ALTERNATIVES).rstrip("=")


def b64url_decode(text: str) -> bytes:
    """Raises ValueError unless `text` is exactly what `b64url_encode` writes.

    Padding, blanks and stray low bits would let one token be spelled in many ways, and so dodge a
    list of revoked spellings.
    """
    if "+" in text or "/" in text:  # of the other alphabet, which codecs let pass or warn of
        raise ValueError("not canonical base64url")
    try:
        decoded: bytes = codec.b64decode(text + PADDING[len(text) % 4], ALTERNATIVES, validate=True)
    except ValueError as error:
        raise ValueError("not canonical base64url") from error
    # Cheaper than looking at each character, and exactly what is promised.
    if _encode(decoded, ALTERNATIVES).rstrip("=") != text:
        raise ValueError("not canonical base64url")
    return decoded
