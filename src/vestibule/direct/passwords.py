"""Password hashing for an app that has its own accounts: scrypt, which Python brings along.

    PHC string, as other tools read it: $scrypt$ln=15,r=8,p=3$<salt>$<hash>

Hashes that Aura made (PBKDF2) are read too, and can be replaced at the next sign-in.
"""

import base64
import hashlib
import hmac
import os
import re
from collections.abc import Callable
from typing import Final, NamedTuple

from vestibule.crypto.encoding import b64url_decode
from vestibule.crypto.password_hash import MAX_PASSWORD

__all__ = ["hash_password", "needs_rehash", "verify_password"]


class Cost(NamedTuple):
    """`ln` is the logarithm of N. Each check takes 128 * r * N bytes of memory."""

    ln: int
    r: int
    p: int


# One of the equal choices of OWASP's Password Storage Cheat Sheet: 32 MiB, so that a few sign-ins at once fit
# into a small machine.
COST: Final = Cost(ln=15, r=8, p=3)
MAX_COST: Final = Cost(ln=17, r=16, p=16)
MAX_ITERATIONS: Final = 10_000_000
SALT_LENGTH: Final = 16
HASH_LENGTH: Final = 32

SCRYPT: Final = re.compile(
    r"\$scrypt\$ln=([1-9][0-9]?),r=([1-9][0-9]?),p=([1-9][0-9]?)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]{22,86})",
    re.ASCII,
)
AURA: Final = re.compile(r"pbkdf2-sha256:([1-9][0-9]{0,7}):([A-Za-z0-9_-]+):([A-Za-z0-9_-]{43})", re.ASCII)


def hash_password(password: str, *, entropy: Callable[[int], bytes] = os.urandom) -> str:
    """A text to keep, different each time. Raises ValueError over 1,024 characters, before any work."""
    if len(password) > MAX_PASSWORD:
        raise ValueError(f"a password has at most {MAX_PASSWORD} characters")
    salt = entropy(SALT_LENGTH)
    made = _scrypt(password, salt, COST, HASH_LENGTH)
    return f"$scrypt$ln={COST.ln},r={COST.r},p={COST.p}${_plain(salt)}${_plain(made)}"


def verify_password(password: str, stored: str | None) -> bool:
    """False also for a damaged hash. For an account that does not exist give None: that takes as long, so
    that nobody learns from the time which accounts there are."""
    if len(password) > MAX_PASSWORD:
        return False
    fits = _checker(stored) if stored else None
    if fits is not None:
        return fits(password)
    _scrypt(password, bytes(SALT_LENGTH), COST, HASH_LENGTH)
    return False


def needs_rehash(stored: str) -> bool:
    """Whether `stored` was made otherwise than `hash_password` does now: hash again at the next sign-in."""
    match = SCRYPT.fullmatch(stored)
    return match is None or Cost(*map(int, match.groups()[:3])) != COST


def _checker(stored: str) -> Callable[[str], bool] | None:
    """None for what is no hash, or one that would take for ever."""
    scrypt, aura = SCRYPT.fullmatch(stored), AURA.fullmatch(stored)
    try:
        if scrypt is not None:
            return _checker_of_scrypt(scrypt)
        if aura is not None and int(aura[1]) <= MAX_ITERATIONS:
            salt, expected = b64url_decode(aura[2]), b64url_decode(aura[3])
            return lambda password: hmac.compare_digest(_pbkdf2(password, salt, int(aura[1])), expected)
    except ValueError:
        pass
    return None


def _checker_of_scrypt(match: re.Match[str]) -> Callable[[str], bool] | None:
    cost = Cost(*map(int, match.groups()[:3]))
    if any(each > most for each, most in zip(cost, MAX_COST, strict=True)):
        return None
    salt, expected = _unplain(match[4]), _unplain(match[5])
    return lambda password: hmac.compare_digest(_scrypt(password, salt, cost, len(expected)), expected)


def _pbkdf2(password: str, salt: bytes, iterations: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", _bytes(password), salt, iterations)


def _scrypt(password: str, salt: bytes, cost: Cost, length: int) -> bytes:
    # OpenSSL counts a little more than the formula says.
    memory = 128 * cost.r * (2**cost.ln + cost.p + 8)
    return hashlib.scrypt(
        _bytes(password), salt=salt, n=2**cost.ln, r=cost.r, p=cost.p, maxmem=memory, dklen=length
    )


def _plain(data: bytes) -> str:
    """In base64 without padding, as PHC strings have it."""
    return base64.b64encode(data).decode("ascii").rstrip("=")


def _unplain(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4))


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
