"""Which sessions were signed out here a short while ago: a refresh under way then must not bring one back."""

from collections.abc import Callable
from threading import Lock

# As long as an access token that was issued a moment before the end may live.
TEN_MINUTES = 600
MOST = 10_000


class EndedSessions:
    """Of this process, the oldest forgotten first. Others learn of an end by the list of revoked sessions."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ended: dict[str, float] = {}
        self._lock = Lock()

    def add(self, session_id: str) -> None:
        with self._lock:
            self._ended.pop(session_id, None)
            self._ended[session_id] = self._clock()
            if len(self._ended) > MOST:
                del self._ended[next(iter(self._ended))]

    def __contains__(self, session_id: str) -> bool:
        ended_at = self._ended.get(session_id)
        return ended_at is not None and self._clock() - ended_at < TEN_MINUTES
