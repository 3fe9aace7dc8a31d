"""The one hop from the event loop to blocking code, with room for each kind of work."""

import functools
import os
from collections.abc import Callable
from typing import Final, TypeVar

from anyio import CapacityLimiter, to_thread

T = TypeVar("T")

THREADS: Final = 32


class Hops:
    """Hashing waits in a queue of its own, before it takes a thread: it can never starve a refresh."""

    def __init__(self, *, threads: int = THREADS, hashing: int | None = None) -> None:
        self._threads = CapacityLimiter(threads)
        self._hashing = CapacityLimiter(hashing or os.cpu_count() or 1)

    async def run(self, work: Callable[..., T], *arguments: object, hashes: bool = False) -> T:
        """Call blocking `work` in a thread. `hashes` is for work that hashes or verifies a password."""
        call = functools.partial(work, *arguments)
        if not hashes:
            return await to_thread.run_sync(call, limiter=self._threads)
        async with self._hashing:
            return await to_thread.run_sync(call, limiter=self._threads)
