"""What an authenticator app computes: RFC 6238 with SHA-1, six digits, thirty seconds."""

import base64
import hashlib
import hmac
import time


def totp(secret: str, *, steps: int = 0) -> str:
    """`steps` later than now: each code counts once, so the next one is asked for early."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    counter = int(time.time() // 30) + steps
    mac = hmac.digest(key, counter.to_bytes(8), hashlib.sha1)
    start = mac[-1] & 15
    return f"{(int.from_bytes(mac[start : start + 4]) & 0x7FFFFFFF) % 1_000_000:06d}"
