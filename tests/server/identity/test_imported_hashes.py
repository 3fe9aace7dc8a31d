import base64
import hashlib

import bcrypt
import pytest

from tests.server.people import make_user
from vestibule.crypto.password_hash import hash_password
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Denied, Invalid
from vestibule.server.identity.imported_hashes import import_hash, is_imported, matches
from vestibule.server.identity.passwords import verify_password

PASSWORD = "seven green bottles"
SALT = b"0123456789abcdef"


# The example that Firebase publishes with its hash function, for the password "user1password".
FIREBASE = (
    "$firebase-scrypt$hash=lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=="
    "$salt=42xEC+ixf3L2lw==$sk=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="
    "$ss=Bw==$r=8$m=14"
)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def hashes() -> list[tuple[str, str, str | None]]:
    secret = PASSWORD.encode()
    digest = hashlib.sha256(secret).hexdigest().encode()
    scrypt = hashlib.scrypt(secret, salt=SALT, n=1 << 10, r=8, p=1)
    return [
        ("argon2", hash_password(PASSWORD), None),
        ("bcrypt", bcrypt.hashpw(secret, bcrypt.gensalt(4)).decode(), None),
        ("bcrypt", bcrypt.hashpw(secret, bcrypt.gensalt(4)).decode().replace("$2b$", "$2y$"), None),
        ("pbkdf2", f"$pbkdf2-sha256$i=1000${b64(SALT)}${b64(pbkdf2('sha256', secret))}", None),
        ("pbkdf2", f"$pbkdf2-sha512$1000${b64(SALT)}${b64(pbkdf2('sha512', secret))}", None),
        ("scrypt", f"$scrypt$ln=10,r=8,p=1${b64(SALT)}${b64(scrypt)}", None),
        ("pbkdf2", f"pbkdf2_sha256$1000${SALT.decode()}${b64(pbkdf2('sha256', secret))}=", None),
        ("pbkdf2", f"pbkdf2_sha1$1000${SALT.decode()}${b64(pbkdf2('sha1', secret))}=", None),
        ("scrypt", f"scrypt$1024${SALT.decode()}$8$1${b64(scrypt)}==", None),
        ("bcrypt", "bcrypt$" + bcrypt.hashpw(secret, bcrypt.gensalt(4)).decode(), None),
        ("bcrypt", "bcrypt_sha256$" + bcrypt.hashpw(digest, bcrypt.gensalt(4)).decode(), None),
        ("argon2", "argon2" + hash_password(PASSWORD), None),
        ("ssha", b64(hashlib.sha1(secret + SALT).digest() + SALT), None),  # noqa: S324 - what it was then
        ("ssha", "{SSHA}" + b64(hashlib.sha1(secret + SALT).digest() + SALT), None),  # noqa: S324
        ("ssha256", b64(hashlib.sha256(secret + SALT).digest() + SALT), None),
        ("ssha256", b64(hashlib.sha256(SALT + secret).digest() + SALT), "prefix"),
    ]


def pbkdf2(algorithm: str, secret: bytes) -> bytes:
    return hashlib.pbkdf2_hmac(algorithm, secret, SALT, 1000)


def name_of(value: object) -> str | None:
    """Hashes with new salts each time are no names for a test."""
    return "hash" if isinstance(value, str) and "$" in value else None


@pytest.mark.parametrize(("kind", "given", "salt_position"), hashes(), ids=name_of)
def test_hashes_from_elsewhere_are_checked_as_they_were_made(
    kind: str, given: str, salt_position: str | None
) -> None:
    stored = import_hash(given, kind, salt_position=salt_position)
    assert is_imported(stored)
    assert matches(stored, PASSWORD)
    assert not matches(stored, PASSWORD + "!")
    assert not matches(stored, "")


def test_the_hash_that_firebase_publishes_is_checked() -> None:
    stored = import_hash(FIREBASE, "firebase-scrypt")
    assert matches(stored, "user1password")
    assert not matches(stored, "user2password")
    urlsafe = FIREBASE.replace("+", "-").replace("/", "_").replace("=$", "$")
    assert matches(import_hash(urlsafe, "firebase-scrypt"), "user1password")
    parts = FIREBASE.split("$")
    shuffled = "$".join([*parts[:2], *reversed(parts[2:])])
    assert matches(import_hash(shuffled, "firebase-scrypt"), "user1password")


def test_djangos_bcrypt_of_a_digest_cuts_nothing_off() -> None:
    long = "x" * 72
    digest = hashlib.sha256((long + "tail").encode()).hexdigest().encode()
    stored = import_hash("bcrypt_sha256$" + bcrypt.hashpw(digest, bcrypt.gensalt(4)).decode(), "bcrypt")
    assert matches(stored, long + "tail")
    assert not matches(stored, long + "head")


@pytest.mark.parametrize(
    ("kind", "given"),
    [(kind, given) for kind, given, position in hashes() if position is None]
    + [("firebase-scrypt", FIREBASE)],
    ids=name_of,
)
def test_a_sign_in_puts_our_own_hash_in_its_place(identity: Identity, kind: str, given: str) -> None:
    password = "user1password" if kind == "firebase-scrypt" else PASSWORD
    user = make_user(identity, password_hash=given, password_hash_type=kind, email_verified=True)
    with pytest.raises(Denied):
        verify_password(identity, user.email, password + "!")
    assert verify_password(identity, user.email, password).id == user.id
    with identity.store.read() as tx:
        stored = tx.passwords.find(user.id)
    assert stored is not None
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert verify_password(identity, user.email, password).id == user.id


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
        ("firebase-scrypt", FIREBASE.replace("m=14", "m=30")),
        ("firebase-scrypt", FIREBASE.replace("r=8", "r=x")),
        ("firebase-scrypt", FIREBASE.replace("$sk=", "$sx=")),
        ("firebase-scrypt", FIREBASE + "$r=8"),
        ("firebase-scrypt", FIREBASE.replace("hash=", "hash=!")),
        ("pbkdf2", "pbkdf2_sha256$99999999$salt$aGFzaA=="),
        ("pbkdf2", "pbkdf2_sha256$1000$salt"),
        ("pbkdf2", "scrypt$1024$salt$8$1$aGFzaA=="),
        ("scrypt", "scrypt$1000$salt$8$1$aGFzaA=="),
        ("scrypt", "scrypt$99999999$salt$8$1$aGFzaA=="),
        ("scrypt", "scrypt$1024$salt"),
        ("bcrypt", "bcrypt_sha256$plain"),
        ("bcrypt", "pbkdf2_sha256$1000$salt$aGFzaA=="),
        ("argon2", "argon2$plain"),
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
