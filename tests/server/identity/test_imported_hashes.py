import base64
import hashlib

import bcrypt
import pytest

from vestibule.crypto.password_hash import hash_password
from vestibule.server.identity.errors import Invalid
from vestibule.server.identity.imported_hashes import import_hash, is_imported, matches

PASSWORD = "seven green bottles"
SALT = b"0123456789abcdef"


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def hashes() -> list[tuple[str, str, str | None]]:
    secret = PASSWORD.encode()
    scrypt = hashlib.scrypt(secret, salt=SALT, n=1 << 10, r=8, p=1)
    return [
        ("argon2", hash_password(PASSWORD), None),
        ("bcrypt", bcrypt.hashpw(secret, bcrypt.gensalt(4)).decode(), None),
        ("bcrypt", bcrypt.hashpw(secret, bcrypt.gensalt(4)).decode().replace("$2b$", "$2y$"), None),
        ("pbkdf2", f"$pbkdf2-sha256$i=1000${b64(SALT)}${b64(pbkdf2('sha256', secret))}", None),
        ("pbkdf2", f"$pbkdf2-sha512$1000${b64(SALT)}${b64(pbkdf2('sha512', secret))}", None),
        ("scrypt", f"$scrypt$ln=10,r=8,p=1${b64(SALT)}${b64(scrypt)}", None),
        ("ssha", b64(hashlib.sha1(secret + SALT).digest() + SALT), None),  # noqa: S324 - what it was then
        ("ssha", "{SSHA}" + b64(hashlib.sha1(secret + SALT).digest() + SALT), None),  # noqa: S324
        ("ssha256", b64(hashlib.sha256(secret + SALT).digest() + SALT), None),
        ("ssha256", b64(hashlib.sha256(SALT + secret).digest() + SALT), "prefix"),
    ]


def pbkdf2(algorithm: str, secret: bytes) -> bytes:
    return hashlib.pbkdf2_hmac(algorithm, secret, SALT, 1000)


@pytest.mark.parametrize(("kind", "given", "salt_position"), hashes())
def test_hashes_from_elsewhere_are_checked_as_they_were_made(
    kind: str, given: str, salt_position: str | None
) -> None:
    stored = import_hash(given, kind, salt_position=salt_position)
    assert is_imported(stored)
    assert matches(stored, PASSWORD)
    assert not matches(stored, PASSWORD + "!")
    assert not matches(stored, "")


def test_bcrypt_looks_at_72_bytes_as_it_always_did() -> None:
    made = bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(4)).decode()
    stored = import_hash(made, "bcrypt")
    assert matches(stored, "x" * 72 + "tail")
    assert not matches(stored, "x" * 71)
    assert not matches(stored, "with\x00nul")


def test_our_own_hashes_are_not_imported_ones() -> None:
    assert not is_imported(hash_password(PASSWORD))


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("bcrypt", "plain text"),
        ("bcrypt", "$2b$31$" + "a" * 53),
        ("argon2", "$argon2id$v=19$m=99999999,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g"),
        ("argon2", "$argon2id$v=19$m=1024,t=999,p=1$c2FsdHNhbHQ$aGFzaGhhc2g"),
        ("pbkdf2", "$pbkdf2-sha256$i=99999999$c2FsdA$aGFzaA"),
        ("pbkdf2", "$pbkdf2-md5$i=1000$c2FsdA$aGFzaA"),
        ("pbkdf2", "$pbkdf2-sha256$i=1000$c2FsdA$a"),
        ("scrypt", "$scrypt$ln=30,r=8,p=1$c2FsdA$aGFzaA"),
        ("scrypt", "$scrypt$ln=15,r=0,p=1$c2FsdA$aGFzaA"),
        ("ssha", "c2hvcnQ"),
        ("ssha256", "not base64!"),
        ("ssha256", ""),
        ("ssha256", "ü" * 60),
        ("ssha256", "A" * 2000),
        ("firebase-scrypt", "anything"),
        ("rot13", "frira terra obggyrf"),
    ],
)
def test_what_cannot_be_checked_here_is_refused_at_once(kind: str, given: str) -> None:
    with pytest.raises(Invalid) as refused:
        import_hash(given, kind)
    assert refused.value.code == "invalid_password_hash"


@pytest.mark.parametrize(("kind", "position"), [("ssha", "prefix"), ("ssha256", "middle")])
def test_the_place_of_the_salt_is_a_matter_of_ssha256(kind: str, position: str) -> None:
    with pytest.raises(Invalid):
        import_hash(b64(b"x" * 60), kind, salt_position=position)
