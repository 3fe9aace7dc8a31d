"""The one hop from the event loop to blocking code, with room for each kind of work."""

import functools
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from anyio import CapacityLimiter, WouldBlock, move_on_after, to_thread

T = TypeVar("T")

THREADS: Final = 32
PATIENCE: Final = 5.0  # seconds for a thread; an app that refreshes has given up after three


class Overloaded(Exception):
    """Every thread was busy for too long, as when the database is slow. Nothing has changed."""


@dataclass(frozen=True, slots=True)
class Load:
    busy: int
    waiting: int
    hashing: int
    hashing_waiting: int


class Hops:
    """Hashing waits in a queue of its own, before it takes a thread: it can never starve a refresh."""

    def __init__(
        self, *, threads: int = THREADS, hashing: int | None = None, patience: float = PATIENCE
    ) -> None:
        self._threads = CapacityLimiter(threads)
        self._hashing = CapacityLimiter(hashing or os.cpu_count() or 1)
        self._admitted = CapacityLimiter(math.inf)
        self._patience = patience

    async def run(self, work: Callable[..., T], *arguments: object, hashes: bool = False) -> T:
        """Call blocking `work` in a thread. `hashes` is for work that hashes or verifies a password.

        Raises Overloaded, without having begun. What has begun is finished, whoever is still waiting.
        """
        call = functools.partial(work, *arguments)
        if not hashes:
            return await self._in_thread(call)
        async with self._hashing:
            return await self._in_thread(call)

    def load(self) -> Load:
        threads, hashing = self._threads.statistics(), self._hashing.statistics()
        return Load(
            busy=threads.borrowed_tokens,
            waiting=threads.tasks_waiting,
            hashing=hashing.borrowed_tokens,
            hashing_waiting=hashing.tasks_waiting,
        )

    async def _in_thread(self, call: Callable[[], T]) -> T:
        place = object()
        try:
            self._threads.acquire_on_behalf_of_nowait(place)
        except WouldBlock:
            await self._wait(place)
        try:
            return await to_thread.run_sync(call, limiter=self._admitted)
        finally:
            self._threads.release_on_behalf_of(place)

    async def _wait(self, place: object) -> None:
        """A queue that is longer than its people's patience would only do work that nobody waits for."""
        with move_on_after(self._patience) as waiting:
            await self._threads.acquire_on_behalf_of(place)
        if waiting.cancelled_caught:
            raise Overloaded(f"no thread was free for {self._patience:g} s")
