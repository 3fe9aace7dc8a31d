"""Time-based one-time passwords (RFC 6238): six digits, thirty seconds, SHA-1, as every such app has them."""

import base64
import datetime as dt
import hashlib
import hmac
import re
import secrets
from typing import Final
from urllib.parse import quote, urlencode

SECRET_BYTES: Final = 20  # RFC 4226 §4 R6: as long as what HMAC-SHA-1 makes
MIN_SECRET_BYTES: Final = 10  # what older systems gave out; theirs can be brought along
MAX_SECRET_BYTES: Final = 128
STEP_SECONDS: Final = 30
DRIFT: Final = (-1, 0, 1)
"""Steps by which a clock may be off."""

CODE: Final = re.compile(r"[0-9]{6}", re.ASCII)


def new_secret() -> str:
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")


def parse_secret(given: str) -> str:
    """Base32 as people copy it: blanks, lower case and missing padding are mended. Raises ValueError."""
    text = given.replace(" ", "").rstrip("=").upper()
    try:
        raw = _decode(text)
    except ValueError as error:  # binascii.Error is one, too
        raise ValueError("not base32") from error
    if not MIN_SECRET_BYTES <= len(raw) <= MAX_SECRET_BYTES:
        raise ValueError("too short or too long")
    return text


def code_of(secret: str, step: int) -> str:
    """RFC 4226 §5.3."""
    mac = hmac.digest(_decode(secret), step.to_bytes(8, "big"), hashlib.sha1)
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 1_000_000:06d}"


def step_at(moment: dt.datetime) -> int:
    return int(moment.timestamp()) // STEP_SECONDS


def find_step(secret: str, typed: str, *, now: dt.datetime) -> int | None:
    """The step the code is of, None when it is of none around now. Whether it was used is not looked at."""
    code = typed.strip()
    if CODE.fullmatch(code) is None:
        return None
    steps = [step_at(now) + drift for drift in DRIFT]
    fitting = [step for step in steps if hmac.compare_digest(code_of(secret, step), code)]
    return max(fitting, default=None)


def uri_of(secret: str, *, issuer: str, account: str) -> str:
    """What an authenticator app reads out of the QR code."""
    label = f"{quote(issuer, safe='')}:{quote(account, safe='')}"
    parameters = {
        "secret": secret,
        "issuer": issuer,
        "algorithm": "SHA1",
        "digits": 6,
        "period": STEP_SECONDS,
    }
    return f"otpauth://totp/{label}?{urlencode(parameters, quote_via=quote)}"


def _decode(text: str) -> bytes:
    return base64.b32decode(text + "=" * (-len(text) % 8))
