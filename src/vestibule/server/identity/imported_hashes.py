"""Password hashes made elsewhere: checked as they were made, until the next sign-in brings a better one.

Each is refused at import when this program could not check it, or when checking it would cost too much.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from typing import Final

from vestibule.crypto.password_hash import verify_password
from vestibule.server.identity.errors import Invalid

PREFIX: Final = "imported"
MAX_HASH: Final = 1024
BCRYPT_BYTES: Final = 72  # what bcrypt ever looked at
MAX_BCRYPT_COST: Final = 15
MAX_ITERATIONS: Final = 5_000_000
MAX_SCRYPT_MEMORY: Final = 128 * 1024 * 1024
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


Check = Callable[[bytes], bool]


def _bcrypt(given: str, salt_first: bool) -> Check:
    found = BCRYPT.fullmatch(given)
    if found is None or not 4 <= int(found[1]) <= MAX_BCRYPT_COST:
        raise ValueError(f"A bcrypt hash looks like $2b$12$… with a cost of {MAX_BCRYPT_COST} at most.")
    import bcrypt

    # $2y$ is PHP's name for what everybody else calls $2b$.
    encoded = ("$2b$" + given[4:]).encode() if given.startswith("$2y$") else given.encode()
    return lambda secret: b"\0" not in secret and bcrypt.checkpw(secret[:BCRYPT_BYTES], encoded)


def _argon2(given: str, salt_first: bool) -> Check:
    found = ARGON2.fullmatch(given)
    if found is None or int(found[1]) > MAX_ARGON2_KIB or int(found[2]) > 16 or int(found[3]) > 16:
        raise ValueError("An argon2 hash looks like $argon2id$v=19$m=19456,t=2,p=1$…$…, of moderate cost.")
    return lambda secret: verify_password(given, secret.decode("utf-8", "surrogatepass"))


def _pbkdf2(given: str, salt_first: bool) -> Check:
    found = PBKDF2.fullmatch(given)
    if found is None or not 1 <= int(found[2]) <= MAX_ITERATIONS:
        raise ValueError("A pbkdf2 hash looks like $pbkdf2-sha256$i=600000$salt$hash, in base64.")
    salt, expected = _decode(found[3]), _decode(found[4])

    def check(secret: bytes) -> bool:
        made = hashlib.pbkdf2_hmac(found[1], secret, salt, int(found[2]), len(expected))
        return hmac.compare_digest(made, expected)

    return check


def _scrypt(given: str, salt_first: bool) -> Check:
    found = SCRYPT.fullmatch(given)
    if found is None:
        raise ValueError("A scrypt hash looks like $scrypt$ln=15,r=8,p=1$salt$hash, in base64.")
    cost, block, parallel = (int(found[place]) for place in (1, 2, 3))
    memory = (128 << cost) * block
    if not 1 <= cost <= 20 or not block or not 1 <= parallel <= 16 or memory > MAX_SCRYPT_MEMORY:
        raise ValueError("This scrypt hash costs more memory than the server allows.")
    salt, expected = _decode(found[4]), _decode(found[5])

    def check(secret: bytes) -> bool:
        limit = memory + 128 * block * parallel + (1 << 20)
        made = hashlib.scrypt(
            secret, salt=salt, n=1 << cost, r=block, p=parallel, maxmem=limit, dklen=len(expected)
        )
        return hmac.compare_digest(made, expected)

    return check


def _salted(algorithm: str) -> Callable[[str, bool], Check]:
    size = hashlib.new(algorithm).digest_size

    def prepare(given: str, salt_first: bool) -> Check:
        raw = _decode(re.sub(r"\A\{SSHA(?:256)?\}", "", given))
        if len(raw) <= size:
            raise ValueError(f"A salted {algorithm} hash is base64 of the digest followed by its salt.")
        expected, salt = raw[:size], raw[size:]

        def check(secret: bytes) -> bool:
            salted = salt + secret if salt_first else secret + salt
            return hmac.compare_digest(hashlib.new(algorithm, salted).digest(), expected)

        return check

    return prepare


def _decode(text: str) -> bytes:
    """Base64 with or without padding; `.` stands for `+` in the modular formats."""
    plain = text.replace(".", "+").rstrip("=")
    try:
        decoded = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error:
        raise ValueError("The password hash is not base64.") from None
    if not decoded:
        raise ValueError("The password hash is empty.")
    return decoded


def _refuse(message: str) -> Invalid:
    return Invalid(message, code="invalid_password_hash")


CHECKS: Final[Mapping[str, Callable[[str, bool], Check]]] = {
    "argon2": _argon2,
    "bcrypt": _bcrypt,
    "pbkdf2": _pbkdf2,
    "scrypt": _scrypt,
    "ssha": _salted("sha1"),
    "ssha256": _salted("sha256"),
}
