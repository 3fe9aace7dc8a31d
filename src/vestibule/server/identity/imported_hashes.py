"""Password hashes made elsewhere: checked as they were made, until the next sign-in brings a better one.

Each is refused at import when this program could not check it, or when checking it would cost too much.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from typing import Final

from vestibule.crypto.password_hash import verify_password
from vestibule.server.identity.errors import Invalid
from vestibule.server.identity.foreign_hashes import (
    MAX_ITERATIONS,
    Check,
    check_scrypt_cost,
    decode,
    django_pbkdf2,
    django_scrypt,
    firebase,
    prehashed,
    scrypt,
    split_django,
)

PREFIX: Final = "imported"
MAX_HASH: Final = 1024
BCRYPT_BYTES: Final = 72  # what bcrypt ever looked at
MAX_BCRYPT_COST: Final = 15
MAX_ARGON2_KIB: Final = 256 * 1024

BCRYPT: Final = re.compile(r"\$2[abxy]\$(\d\d)\$[./A-Za-z0-9]{53}", re.ASCII)
ARGON2: Final = re.compile(
    r"\$argon2(?:id|i|d)\$(?:v=\d+\$)?m=(\d{1,9}),t=(\d{1,4}),p=(\d{1,3})\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+",
    re.ASCII,
)
PBKDF2: Final = re.compile(
    r"\$pbkdf2-(sha1|sha256|sha512)\$(?:i=)?(\d{1,8})(?:,l=\d{1,4})?\$([A-Za-z0-9+/.=]+)\$([A-Za-z0-9+/.=]+)",
    re.ASCII,
)
SCRYPT: Final = re.compile(
    r"\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/.=]+)\$([A-Za-z0-9+/.=]+)", re.ASCII
)


def import_hash(given: str, kind: str, *, salt_position: str | None = None) -> str:
    """What the store keeps of a hash from elsewhere. Raises Invalid `invalid_password_hash`."""
    if salt_position not in (None, "prefix", "suffix") or (salt_position and kind != "ssha256"):
        raise _refuse("password_salt_position is prefix or suffix, for ssha256 only.")
    check = CHECKS.get(kind)
    if check is None:
        known = ", ".join(sorted(CHECKS))
        raise _refuse(f"Hashes of the type {kind!r} cannot be checked here: bring one of {known}.")
    stored = f"{PREFIX}:{kind}:{salt_position or 'suffix'}:{given}"
    if len(given) > MAX_HASH or not given.isascii():
        raise _refuse("The password hash is too long.")
    try:
        matches(stored, "", probe=True)
    except ValueError as error:
        raise _refuse(str(error)) from None
    return stored


def is_imported(stored: str) -> bool:
    return stored.startswith(PREFIX + ":")


def matches(stored: str, password: str, *, probe: bool = False) -> bool:
    """With `probe`, only look whether the hash can be read. Raises ValueError when it cannot."""
    _, kind, salt_position, given = stored.split(":", 3)
    secret = password.encode("utf-8", "surrogatepass")
    check = CHECKS[kind](given, salt_position == "prefix")
    return False if probe else check(secret)


def _bcrypt(given: str, salt_first: bool) -> Check:
    found = BCRYPT.fullmatch(given)
    if found is None or not 4 <= int(found[1]) <= MAX_BCRYPT_COST:
        raise ValueError(f"A bcrypt hash looks like $2b$12$… with a cost of {MAX_BCRYPT_COST} at most.")
    import bcrypt

    # $2y$ is PHP's name for what everybody else calls $2b$.
    encoded = ("$2b$" + given[4:]).encode() if given.startswith("$2y$") else given.encode()
    return lambda secret: b"\0" not in secret and bcrypt.checkpw(secret[:BCRYPT_BYTES], encoded)


def _django(kind: str, prepare: Callable[[str, bool], Check]) -> Callable[[str, bool], Check]:
    """Takes what Django wrote as well, where its algorithm is of this kind."""

    def prepare_either(given: str, salt_first: bool) -> Check:
        found = split_django(given)
        if found is None:
            return prepare(given, salt_first)
        algorithm, rest = found
        if algorithm.partition("_")[0] != kind:
            raise ValueError(f"This is a hash of the type {algorithm.partition('_')[0]!r}, not {kind!r}.")
        match algorithm:
            case "pbkdf2_sha1" | "pbkdf2_sha256":
                return django_pbkdf2(rest, algorithm.removeprefix("pbkdf2_"))
            case "scrypt":
                return django_scrypt(rest)
            case "bcrypt_sha256":
                return prehashed(prepare(rest, salt_first))
            case "argon2":
                return prepare(f"${rest}", salt_first)
        return prepare(rest, salt_first)

    return prepare_either


def _argon2(given: str, salt_first: bool) -> Check:
    found = ARGON2.fullmatch(given)
    if found is None or int(found[1]) > MAX_ARGON2_KIB or int(found[2]) > 16 or int(found[3]) > 16:
        raise ValueError("An argon2 hash looks like $argon2id$v=19$m=19456,t=2,p=1$…$…, of moderate cost.")
    return lambda secret: verify_password(given, secret.decode("utf-8", "surrogatepass"))


def _pbkdf2(given: str, salt_first: bool) -> Check:
    found = PBKDF2.fullmatch(given)
    if found is None or not 1 <= int(found[2]) <= MAX_ITERATIONS:
        raise ValueError("A pbkdf2 hash looks like $pbkdf2-sha256$i=600000$salt$hash, in base64.")
    salt, expected = decode(found[3]), decode(found[4])

    def check(secret: bytes) -> bool:
        made = hashlib.pbkdf2_hmac(found[1], secret, salt, int(found[2]), len(expected))
        return hmac.compare_digest(made, expected)

    return check


def _scrypt(given: str, salt_first: bool) -> Check:
    found = SCRYPT.fullmatch(given)
    if found is None:
        raise ValueError("A scrypt hash looks like $scrypt$ln=15,r=8,p=1$salt$hash, in base64.")
    cost, block, parallel = 1 << int(found[1]), int(found[2]), int(found[3])
    check_scrypt_cost(cost, block, parallel)
    salt, expected = decode(found[4]), decode(found[5])

    def check(secret: bytes) -> bool:
        made = scrypt(secret, salt=salt, cost=cost, block=block, parallel=parallel, size=len(expected))
        return hmac.compare_digest(made, expected)

    return check


def _salted(algorithm: str) -> Callable[[str, bool], Check]:
    size = hashlib.new(algorithm).digest_size

    def prepare(given: str, salt_first: bool) -> Check:
        raw = decode(re.sub(r"\A\{SSHA(?:256)?\}", "", given))
        if len(raw) <= size:
            raise ValueError(f"A salted {algorithm} hash is base64 of the digest followed by its salt.")
        expected, salt = raw[:size], raw[size:]

        def check(secret: bytes) -> bool:
            salted = salt + secret if salt_first else secret + salt
            return hmac.compare_digest(hashlib.new(algorithm, salted).digest(), expected)

        return check

    return prepare


def _refuse(message: str) -> Invalid:
    return Invalid(message, code="invalid_password_hash")


CHECKS: Final[Mapping[str, Callable[[str, bool], Check]]] = {
    "argon2": _django("argon2", _argon2),
    "bcrypt": _django("bcrypt", _bcrypt),
    "firebase-scrypt": firebase,
    "pbkdf2": _django("pbkdf2", _pbkdf2),
    "scrypt": _django("scrypt", _scrypt),
    "ssha": _salted("sha1"),
    "ssha256": _salted("sha256"),
}
