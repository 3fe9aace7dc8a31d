"""Password hashing for the server: Argon2id, 19 MiB, two passes (OWASP's first choice)."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MAX_PASSWORD = 1024

# Nobody knows its password. Checked against when there is no such account, so that it takes as long.
DUMMY_HASH = (
    "$argon2id$v=19$m=19456,t=2,p=1$hSxDMIJl3iWpiGkI+1ssIg$aWhDqz2DmJyTw0rcHQAEQqyQCQH2NfEik6GWUXd+2o0"
)


def hash_password(password: str) -> str:
    """Raises ValueError over 1,024 characters, before any work."""
    if len(password) > MAX_PASSWORD:
        raise ValueError(f"a password has at most {MAX_PASSWORD} characters")
    return _hasher().hash(_bytes(password))


def verify_password(stored: str, password: str) -> bool:
    """False also for a damaged hash, and without work for a password that cannot be right."""
    from argon2.exceptions import InvalidHashError, VerificationError

    if len(password) > MAX_PASSWORD:
        return False
    try:
        return _hasher().verify(stored, _bytes(password))
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


def verify_nobody(password: str) -> bool:
    """Always False, in the time `verify_password` takes: for an e-mail address without an account."""
    verify_password(DUMMY_HASH, password)
    return False


def needs_rehash(stored: str) -> bool:
    """Whether `stored` was made with other parameters than ours: hash again at the next sign-in."""
    from argon2.exceptions import InvalidHashError

    try:
        return _hasher().check_needs_rehash(stored)
    except InvalidHashError:
        return True


@cache
def _hasher() -> "PasswordHasher":
    # Imported here: the toolkit does without argon2.
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
