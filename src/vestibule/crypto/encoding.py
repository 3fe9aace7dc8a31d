"""Base64url without padding, read strictly: one text for one value."""

from base64 import b64decode, urlsafe_b64encode
from re import ASCII
from re import compile as compile_pattern

ALPHABET = compile_pattern(r"[A-Za-z0-9_-]*", ASCII)


def b64url_encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def b64url_decode(text: str) -> bytes:
    """Raises ValueError unless `text` is exactly what `b64url_encode` writes.

    Padding, blanks and stray low bits would let one token be spelled in many ways, and so dodge a
    list of revoked spellings.
    """
    if ALPHABET.fullmatch(text) is None or len(text) % 4 == 1:
        raise ValueError("not base64url")
    data = b64decode(text + "=" * (-len(text) % 4), altchars=b"-_")
    if b64url_encode(data) != text:
        raise ValueError("not canonical base64url")
    return data
