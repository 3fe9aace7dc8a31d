"""The words attackers try first, as a sorted table of short hashes: small in memory, quick to look into.

`common_passwords.bin` is written by `scripts/common_passwords.py`, which says where the words come from. It
holds 257 offsets of four bytes, and after them what follows the first byte of each hash, four bytes a word.
"""

import hashlib
from functools import cache
from importlib import resources
from typing import Final

SIZE: Final = 4
HEAD: Final = 257 * SIZE


def is_listed(text: str) -> bool:
    """Exactly this text. One in ten million others is taken for a listed one: 40 bits of hash are kept."""
    first, rest = short_hash(text)
    data = _table()
    low, high = (_number(data, place * SIZE) for place in (first, first + 1))
    while low < high:
        middle = (low + high) // 2
        found = data[HEAD + middle * SIZE : HEAD + middle * SIZE + SIZE]
        if found == rest:
            return True
        low, high = (middle + 1, high) if found < rest else (low, middle)
    return False


def short_hash(text: str) -> tuple[int, bytes]:
    hashed = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return hashed[0], hashed[1 : 1 + SIZE]


def size() -> int:
    return _number(_table(), 256 * SIZE)


def _number(data: bytes, place: int) -> int:
    return int.from_bytes(data[place : place + SIZE])


@cache
def _table() -> bytes:
    """Read when a password is first looked at: the server starts without it."""
    return resources.files("vestibule.server.identity").joinpath("common_passwords.bin").read_bytes()
