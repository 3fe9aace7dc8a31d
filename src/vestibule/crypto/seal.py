"""Sealed text of the Fe26.2 format, byte-compatible with the AuthKit JavaScript family."""

import hashlib
import hmac
import json
import os
import re
import time
from collections.abc import Callable, Sequence
from typing import NoReturn

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from vestibule.crypto.encoding import b64url_decode, b64url_encode
from vestibule.crypto.passwords import password_bytes
from vestibule.crypto.strict_json import Json, parse_json
from vestibule.errors import SealError

PREFIX = "Fe26.2"
PASSWORD_ID = "1"  # noqa: S105 - the only id the AuthKit readers know
VERSION = "2"
GRACE_MS = 60_000
MAX_SEALED = 65_536

EXPIRATION = re.compile(r"[1-9][0-9]{0,15}", re.ASCII)
BLOCKS = PKCS7(128)
SURROGATE = re.compile("[\ud800-\udfff]")

ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))

Entropy = Callable[[int], bytes]


def seal(
    payload: object,
    password: str,
    *,
    ttl: int = 0,
    now_ms: int | None = None,
    entropy: Entropy = os.urandom,
) -> str:
    """Encrypt and sign any JSON value. `ttl` is in seconds; 0 never expires.

    Raises SealError `bad_json` when the payload is not JSON, ConfigError when the password is short.
    """
    key = password_bytes(password)
    plaintext = _to_json(payload)
    salt, iv, hmac_salt = entropy(32).hex(), entropy(16), entropy(32).hex()
    expiration = "" if ttl == 0 else str(_now_ms(now_ms) + ttl * 1000)
    ciphertext = _encrypt(plaintext, _derive(key, salt), iv)
    signed = "*".join((PREFIX, PASSWORD_ID, salt, b64url_encode(iv), b64url_encode(ciphertext), expiration))
    sealed = f"{signed}*{hmac_salt}*{_mac(key, hmac_salt, signed.encode())}~{VERSION}"
    if len(sealed) > MAX_SEALED:
        raise SealError(f"a sealed text may have {MAX_SEALED} characters, this one has {len(sealed)}")
    return sealed


def unseal(sealed: str, passwords: str | Sequence[str], *, now_ms: int | None = None) -> Json:
    """The value inside, if one of the passwords sealed it. Anything wrong raises SealError."""
    keys = _keys(passwords)
    signed, hmac_salt, mac = _split(sealed)
    prefix, password_id, salt, iv, ciphertext, expiration = _fields(signed)
    if prefix != PREFIX:
        _refuse("wrong_prefix", "not an Fe26.2 seal")
    _check_expiration(expiration, _now_ms(now_ms))
    if password_id != PASSWORD_ID:
        _refuse("unknown_password_id", "sealed under another password id")
    key = _matching_key(keys, hmac_salt, signed.encode(), mac)
    return _from_json(_decrypt(ciphertext, _derive(key, salt), iv))


def expires(sealed: str) -> bool:
    """Whether the text says when it ends; it may say so wrongly."""
    fields = sealed.split("*", 6)
    return len(fields) != 7 or fields[5] != ""


def _to_json(payload: object) -> bytes:
    try:
        text = ENCODER.encode(payload)
    except (TypeError, ValueError, RecursionError) as error:
        raise SealError(f"only JSON can be sealed: {error}", code="bad_json") from error
    # As JSON.stringify: everything raw but unpaired surrogates, which UTF-8 cannot carry.
    return SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text).encode()


def _from_json(plaintext: bytes) -> Json:
    try:
        return parse_json(plaintext)
    except ValueError as error:
        raise SealError("the sealed text is not JSON", code="bad_json") from error


def _keys(passwords: str | Sequence[str]) -> list[bytes]:
    return [password_bytes(each) for each in ([passwords] if isinstance(passwords, str) else passwords)]


def _split(sealed: str) -> list[str]:
    """What is signed, the salt of its MAC, and the MAC."""
    if len(sealed) > MAX_SEALED or not sealed.isascii():
        _refuse("bad_structure", "not a sealed text")
    body, tilde, version = sealed.partition("~")
    if tilde and version != VERSION:
        _refuse("bad_structure", "sealed in another version of the format")
    parts = body.rsplit("*", 2)
    if len(parts) != 3:
        _refuse("bad_structure", "a sealed text has eight parts")
    return parts


def _fields(signed: str) -> list[str]:
    fields = signed.split("*")
    if len(fields) != 6:
        _refuse("bad_structure", "a sealed text has eight parts")
    return fields


def _check_expiration(expiration: str, now_ms: int) -> None:
    if not expiration:
        return
    if EXPIRATION.fullmatch(expiration) is None:
        _refuse("invalid_expiration", "the expiration is not a number")
    if int(expiration) <= now_ms - GRACE_MS:
        _refuse("expired", "the sealed text has expired")


def _matching_key(keys: list[bytes], hmac_salt: str, signed: bytes, mac: str) -> bytes:
    # Every password is tried, whichever fits, so that time does not tell which one did.
    matching = [key for key in keys if hmac.compare_digest(_mac(key, hmac_salt, signed), mac)]
    if not matching:
        _refuse("bad_hmac", "sealed with another password, or changed since")
    return matching[0]


def _mac(key: bytes, salt: str, signed: bytes) -> str:
    return b64url_encode(hmac.digest(_derive(key, salt), signed, "sha256"))


def _derive(key: bytes, salt: str) -> bytes:
    # The salt is the hex text itself, and there is one iteration: the format says so, not we.
    return hashlib.pbkdf2_hmac("sha1", key, salt.encode(), 1, 32)


def _encrypt(plaintext: bytes, key: bytes, iv: bytes) -> bytes:
    padder = BLOCKS.padder()
    encryptor = Cipher(AES(key), CBC(iv)).encryptor()
    return encryptor.update(padder.update(plaintext) + padder.finalize()) + encryptor.finalize()


def _decrypt(ciphertext: str, key: bytes, iv: str) -> bytes:
    try:
        decryptor = Cipher(AES(key), CBC(b64url_decode(iv))).decryptor()
        padded = decryptor.update(b64url_decode(ciphertext)) + decryptor.finalize()
        unpadder = BLOCKS.unpadder()
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError as error:
        raise SealError("the sealed text was signed but cannot be decrypted") from error


def _now_ms(now_ms: int | None) -> int:
    return time.time_ns() // 1_000_000 if now_ms is None else now_ms


def _refuse(code: str, message: str) -> NoReturn:
    raise SealError(message, code=code)
