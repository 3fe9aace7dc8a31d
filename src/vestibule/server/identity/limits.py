"""Limits: how often something may be tried, counted in the database so that every process sees the same."""

import datetime as dt
import ipaddress
import math
from dataclasses import dataclass
from typing import Final

from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import TooMany
from vestibule.server.identity.secrets import digest


@dataclass(frozen=True, slots=True, order=True)
class Limit:
    times: int
    seconds: int
    code: str = TooMany.default_code


SIGN_INS_PER_ACCOUNT: Final = Limit(10, 60)
TRIES_PER_ADDRESS: Final = Limit(100, 60)
IPV6_NETWORK: Final = 64
SENDS: Final = Limit(3, 60)
SENDS_A_DAY: Final = Limit(30, 86_400, "daily_quota_exceeded")


def hit(identity: Identity, key: str, *, limit: int, seconds: int) -> None:
    """Count one more `key`; raises TooMany when there were `limit` in the last `seconds`."""
    hit_all(identity, (key, Limit(limit, seconds)))


def hit_all(identity: Identity, *keys: tuple[str, Limit]) -> None:
    """Count once more for each key in one transaction, which stands whether or not one of them is over."""
    now = identity.now
    over: list[TooMany] = []
    with identity.store.transaction() as tx:
        # In one order everywhere: two requests that count the same keys must not wait for each other.
        for hashed, limit in sorted((key_hash(key), limit) for key, limit in keys):
            window = dt.timedelta(seconds=limit.seconds)
            counted = tx.rates.hit(hashed, now=now, window=window)
            if counted.count > limit.times:
                over.append(_too_many(limit, (counted.started_at + window - now).total_seconds()))
    if over:
        raise max(over, key=lambda error: error.retry_after)


def place_of(address: str) -> str:
    """What one caller can change at will is one place: all of an IPv6 network of 64 bits."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, IPV6_NETWORK), strict=False))


def key_hash(key: str) -> bytes:
    """Keys hold addresses; the table does not."""
    return digest(f"rate:{key}")


def _too_many(limit: Limit, seconds: float) -> TooMany:
    error = TooMany(retry_after=max(1, math.ceil(seconds)))
    error.code = limit.code
    return error
