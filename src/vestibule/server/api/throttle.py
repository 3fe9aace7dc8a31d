"""General limits: how often one API key may be used, so that one app cannot keep the server from others.

Nothing secret hangs on them. Whoever guesses passwords or codes is counted in the database, by the rules.
"""

import importlib.util
import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from vestibule.errors import ConfigError
from vestibule.server.api.operation import Operation
from vestibule.server.identity.errors import TooMany
from vestibule.server.settings import Settings

REDIS_SECONDS: Final = 0.5  # a request must not wait for its own limit
AWAY_SECONDS: Final = 10.0  # before a store that did not answer is asked again
READS: Final = ("GET", "HEAD")

if TYPE_CHECKING:
    from limits.strategies import FixedWindowRateLimiter

log = logging.getLogger("vestibule.server.limits")


@dataclass(frozen=True, slots=True)
class General:
    """`times` in `seconds`, of the operations that it `fits`."""

    name: str
    fits: Callable[[Operation], bool]
    times: int
    seconds: int


class Throttle:
    """Counts in Redis for all processes when the settings name one, else in this process. Redis being away
    locks nobody out: meanwhile each process counts for itself."""

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = () if settings.development else _limits_of(settings)
        self._redis_url = settings.redis_url
        if self._limits and self._redis_url and importlib.util.find_spec("redis") is None:
            raise ConfigError(
                "VESTIBULE_SERVER_REDIS_URL needs the redis extra: pip install 'vestibule[server,redis]'"
            )
        self._clock = clock
        self._away_until = 0.0
        self._said = False
        self._lock = threading.Lock()

    def check(self, operation: Operation, key_id: str) -> None:
        """Count one more use of this key. Raises TooMany."""
        for limit in self._limits:
            if limit.fits(operation):
                self._hit(limit, key_id)

    @cached_property
    def _here(self) -> "FixedWindowRateLimiter":
        from limits.storage import MemoryStorage  # the library takes longer to load than most of the start
        from limits.strategies import FixedWindowRateLimiter

        return FixedWindowRateLimiter(MemoryStorage())

    @cached_property
    def _shared(self) -> "FixedWindowRateLimiter":
        from limits.storage import RedisStorage
        from limits.strategies import FixedWindowRateLimiter

        storage = RedisStorage(
            self._redis_url or "",
            wrap_exceptions=True,
            socket_timeout=REDIS_SECONDS,
            socket_connect_timeout=REDIS_SECONDS,
        )
        return FixedWindowRateLimiter(storage)

    def _hit(self, limit: General, key_id: str) -> None:
        from limits.errors import StorageError

        if self._redis_url is not None and self._clock() >= self._away_until:
            try:
                _hit(self._shared, limit, key_id)
            except StorageError as error:
                self._note_away(error.storage_error)
            else:
                self._said = False
                return
        _hit(self._here, limit, key_id)

    def _note_away(self, error: Exception) -> None:
        with self._lock:
            self._away_until = self._clock() + AWAY_SECONDS
            said, self._said = self._said, True
        if not said:
            reason = type(error).__name__
            log.error("limits_store_unavailable: each process counts for itself meanwhile (%s)", reason)


def _limits_of(settings: Settings) -> Sequence[General]:
    known = (
        General("requests", lambda operation: True, settings.requests_per_minute, 60),
        General("reads", _reads_users, settings.user_management_reads, 10),
        General("writes", _writes_users, settings.user_management_writes, 10),
        General("deletions", _deletes_organization, settings.organization_deletions, 60),
    )
    return tuple(limit for limit in known if limit.times)


def _reads_users(operation: Operation) -> bool:
    return operation.path.startswith("/user_management/") and operation.method in READS


def _writes_users(operation: Operation) -> bool:
    return operation.path.startswith("/user_management/") and operation.method not in READS


def _deletes_organization(operation: Operation) -> bool:
    return (operation.method, operation.path) == ("DELETE", "/organizations/{id}")


def _hit(limiter: "FixedWindowRateLimiter", limit: General, key_id: str) -> None:
    from limits import RateLimitItemPerSecond

    item = RateLimitItemPerSecond(limit.times, limit.seconds, namespace=f"vestibule/{limit.name}")
    if limiter.hit(item, key_id):
        return
    seconds = max(1, math.ceil(limiter.get_window_stats(item, key_id).reset_time - time.time()))
    text = f"Too many requests with this API key: try again in {seconds} seconds."
    raise TooMany(text, retry_after=seconds)
