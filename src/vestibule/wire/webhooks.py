"""Webhooks on the wire: the text of a body, and the header that proves who wrote it."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

SIGNATURE_HEADER: Final = "WorkOS-Signature"
SIGNATURE: Final = re.compile(r"t=([0-9]{1,16}), v1=([0-9a-f]{64})")
INDEX: Final = re.compile(r"0|[1-9][0-9]{0,9}")
LAST_INDEX: Final = 2**32 - 2
LONE_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")


def stringify(value: Any) -> bytes:
    """Exactly what `JSON.stringify` makes of it: receivers in JavaScript write anew what they parsed, and
    hold the signature against that."""
    text = json.dumps(_as_javascript(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return LONE_SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode()


def sign(body: bytes, secret: str, *, milliseconds: int) -> str:
    """The value of `WorkOS-Signature`."""
    return f"t={milliseconds}, v1={_digest(body, secret, str(milliseconds))}"


def read_signature(header: str, body: bytes, secrets: Sequence[str]) -> int | None:
    """When it was signed, in milliseconds; None unless one of the secrets made it for this very body."""
    found = SIGNATURE.fullmatch(header)
    if found is None:
        return None
    time, given = found.groups()
    fits = [hmac.compare_digest(_digest(body, secret, time), given) for secret in secrets]
    return int(time) if any(fits) else None


def _digest(body: bytes, secret: str, time: str) -> str:
    return hmac.new(secret.encode(), f"{time}.".encode() + body, hashlib.sha256).hexdigest()


def _as_javascript(value: Any) -> Any:
    """Members that look like array indexes come first, by number (ECMA-262, OrdinaryOwnPropertyKeys); a whole
    number has no point."""
    if isinstance(value, Mapping):
        indexes = sorted((key for key in value if _is_index(key)), key=int)
        others = [key for key in value if not _is_index(key)]
        return {key: _as_javascript(value[key]) for key in (*indexes, *others)}
    if isinstance(value, list | tuple):
        return [_as_javascript(inner) for inner in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return int(value)
    return value


def _is_index(key: str) -> bool:
    return INDEX.fullmatch(key) is not None and int(key) <= LAST_INDEX
