"""Identifiers: a prefix that says what it names, and a ULID that sorts by time."""

import datetime as dt
import secrets
from collections.abc import Callable
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32
RANDOM_BITS: Final = 80
LENGTH: Final = 26


def new_id(prefix: str, now: dt.datetime, *, entropy: Callable[[int], int] = secrets.randbits) -> str:
    return f"{prefix}_{ulid(now, entropy=entropy)}"


def ulid(now: dt.datetime, *, entropy: Callable[[int], int] = secrets.randbits) -> str:
    """48 bits of milliseconds, 80 of randomness."""
    milliseconds = int(now.timestamp() * 1000) & ((1 << 48) - 1)
    number = milliseconds << RANDOM_BITS | entropy(RANDOM_BITS)
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(LENGTH)))
