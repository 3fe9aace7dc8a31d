"""Hashes as Django and Firebase write them: each text names its algorithm, its cost and its salt."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

Check = Callable[[bytes], bool]

MAX_ITERATIONS: Final = 5_000_000
MAX_SCRYPT_MEMORY: Final = 128 * 1024 * 1024

FIREBASE: Final = "$firebase-scrypt$"
FIREBASE_MEMBERS: Final = frozenset({"hash", "salt", "sk", "ss", "r", "m"})
DJANGO: Final = re.compile(r"(pbkdf2_sha1|pbkdf2_sha256|bcrypt_sha256|bcrypt|argon2|scrypt)\$(.+)", re.ASCII)
DJANGO_PBKDF2: Final = re.compile(r"(\d{1,8})\$([A-Za-z0-9]+)\$([A-Za-z0-9+/]+=*)", re.ASCII)
DJANGO_SCRYPT: Final = re.compile(
    r"(\d{1,8})\$([A-Za-z0-9]+)\$(\d{1,3})\$(\d{1,3})\$([A-Za-z0-9+/]+=*)", re.ASCII
)


def decode(text: str) -> bytes:
    """Base64 in either alphabet, with or without padding; `.` stands for `+` in the modular formats. Raises
    ValueError."""
    plain = text.replace(".", "+").replace("-", "+").replace("_", "/").rstrip("=")
    try:
        decoded = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error:
        raise ValueError("The password hash is not base64.") from None
    if not decoded:
        raise ValueError("The password hash is empty.")
    return decoded


def scrypt(secret: bytes, *, salt: bytes, cost: int, block: int, parallel: int, size: int) -> bytes:
    memory = 128 * cost * block + 128 * block * parallel + (1 << 20)
    return hashlib.scrypt(secret, salt=salt, n=cost, r=block, p=parallel, maxmem=memory, dklen=size)


def check_scrypt_cost(cost: int, block: int, parallel: int) -> None:
    """Raises ValueError for what is no cost, or too much of it."""
    power_of_two = cost > 1 and cost & (cost - 1) == 0
    if not power_of_two or not block or not 1 <= parallel <= 16 or 128 * cost * block > MAX_SCRYPT_MEMORY:
        raise ValueError("This scrypt hash costs more memory than the server allows.")


def firebase(given: str, salt_first: bool) -> Check:
    """`$firebase-scrypt$hash=…$salt=…$sk=…$ss=…$r=8$m=14`: the account's hash and salt, then the project's
    signer key, salt separator, rounds and memory cost. What Firebase keeps is its signer key, encrypted."""
    pairs = [part.partition("=") for part in given.removeprefix(FIREBASE).split("$")]
    members = {name: value for name, _, value in pairs}
    if not given.startswith(FIREBASE) or members.keys() != FIREBASE_MEMBERS or len(pairs) != len(members):
        raise ValueError("A Firebase hash looks like $firebase-scrypt$hash=…$salt=…$sk=…$ss=…$r=8$m=14.")
    if not all(members[name].isdigit() and len(members[name]) <= 2 for name in "rm"):
        raise ValueError("r and m of a Firebase hash are the project's rounds and mem_cost.")
    block, cost = int(members["r"]), 1 << int(members["m"])
    check_scrypt_cost(cost, block, 1)
    salt = decode(members["salt"]) + (decode(members["ss"]) if members["ss"] else b"")
    signer, expected = decode(members["sk"]), decode(members["hash"])

    def check(secret: bytes) -> bool:
        key = scrypt(secret, salt=salt, cost=cost, block=block, parallel=1, size=32)
        encryptor = Cipher(AES(key), CTR(bytes(16))).encryptor()
        return hmac.compare_digest(encryptor.update(signer) + encryptor.finalize(), expected)

    return check


def split_django(given: str) -> tuple[str, str] | None:
    """The algorithm and the rest of a hash from `auth_user.password`; None for what is none."""
    found = DJANGO.fullmatch(given)
    return None if found is None else (found[1], found[2])


def django_pbkdf2(rest: str, digest: str) -> Check:
    found = DJANGO_PBKDF2.fullmatch(rest)
    if found is None or not 1 <= int(found[1]) <= MAX_ITERATIONS:
        raise ValueError("A pbkdf2 hash of Django looks like pbkdf2_sha256$600000$salt$hash.")
    rounds, salt, expected = int(found[1]), found[2].encode(), decode(found[3])

    def check(secret: bytes) -> bool:
        made = hashlib.pbkdf2_hmac(digest, secret, salt, rounds, len(expected))
        return hmac.compare_digest(made, expected)

    return check


def django_scrypt(rest: str) -> Check:
    found = DJANGO_SCRYPT.fullmatch(rest)
    if found is None:
        raise ValueError("A scrypt hash of Django looks like scrypt$16384$salt$8$1$hash.")
    cost, block, parallel = int(found[1]), int(found[3]), int(found[4])
    check_scrypt_cost(cost, block, parallel)
    salt, expected = found[2].encode(), decode(found[5])

    def check(secret: bytes) -> bool:
        made = scrypt(secret, salt=salt, cost=cost, block=block, parallel=parallel, size=len(expected))
        return hmac.compare_digest(made, expected)

    return check


def prehashed(check: Check) -> Check:
    """Django's bcrypt_sha256: bcrypt sees the digest, so that no password is cut at 72 bytes."""
    return lambda secret: check(hashlib.sha256(secret).hexdigest().encode())
