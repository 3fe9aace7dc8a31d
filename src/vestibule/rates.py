"""How often each user was let in by a guard with `rate=`: counted in this process, or in a Redis for all."""

import importlib.util
import math
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from vestibule.errors import ConfigError
from vestibule.session import events
from vestibule.session.events import Journal
from vestibule.session.guards import Rate

if TYPE_CHECKING:
    from limits import RateLimitItem
    from limits.strategies import MovingWindowRateLimiter

STORE_SECONDS = 0.5  # a request must not wait for its own limit
AWAY_SECONDS = 10.0  # before a store that did not answer is asked again


@dataclass(frozen=True, slots=True)
class Exceeded:
    """`seconds` until the next try makes sense."""

    rate: Rate
    seconds: int


class Rates:
    """Over a moving window: never more than ten within any minute, also where one minute meets the next. A
    store that is away closes no door: meanwhile this process counts for itself."""

    def __init__(self, url: str | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        if url and importlib.util.find_spec("redis") is None:  # pragma: no cover - in a process of its own
            raise ConfigError(
                "VESTIBULE_RATE_STORE needs the redis extra: pip install 'vestibule[rate,redis]'"
            )
        self._url = url
        self._clock = clock
        self._away_until = 0.0
        self._said = False
        self._lock = threading.Lock()

    @property
    def blocks(self) -> bool:
        """Whether `hit` waits for a store."""
        return self._url is not None

    def hit(self, rates: Iterable[Rate], who: str, journal: Journal) -> Exceeded | None:
        """Counts one more entry of this user, unless one of the limits is reached."""
        for rate in rates:
            for text in rate.each:
                seconds = self._hit(_item(rate.name, text), who, journal)
                if seconds is not None:
                    return Exceeded(rate, seconds)
        return None

    @cached_property
    def _here(self) -> "MovingWindowRateLimiter":
        from limits.storage import MemoryStorage  # the library takes longer to load than most of the start
        from limits.strategies import MovingWindowRateLimiter

        return MovingWindowRateLimiter(MemoryStorage())

    @cached_property
    def _shared(self) -> "MovingWindowRateLimiter":
        from limits.storage import storage_from_string
        from limits.strategies import MovingWindowRateLimiter

        options = {"socket_timeout": STORE_SECONDS, "socket_connect_timeout": STORE_SECONDS}
        storage = storage_from_string(self._url or "", wrap_exceptions=True, **options)
        return MovingWindowRateLimiter(storage)

    def _hit(self, item: "RateLimitItem", who: str, journal: Journal) -> int | None:
        from limits.errors import StorageError

        if self.blocks and self._clock() >= self._away_until:
            try:
                seconds = _hit(self._shared, item, who)
            except StorageError as error:
                self._note_away(error.storage_error, journal)
            else:
                self._said = False
                return seconds
        return _hit(self._here, item, who)

    def _note_away(self, error: Exception, journal: Journal) -> None:
        with self._lock:
            self._away_until = self._clock() + AWAY_SECONDS
            said, self._said = self._said, True
        if not said:
            journal.record(events.RATE_STORE_UNAVAILABLE, reason=type(error).__name__)


@lru_cache(maxsize=1024)
def _item(name: str, text: str) -> "RateLimitItem":
    from limits import parse

    item = parse(text.replace(" ", ""))
    item.namespace = f"vestibule/{name}"
    return item


def _hit(limiter: "MovingWindowRateLimiter", item: "RateLimitItem", who: str) -> int | None:
    if limiter.hit(item, who):
        return None
    return max(1, math.ceil(limiter.get_window_stats(item, who).reset_time - time.time()))
