"""Threads for work that waits for others: each piece has its own, so that a slow one holds up no other."""

import logging
import threading
from collections.abc import Callable
from typing import Final, TypeAlias

LANES: Final = 16
IDLE_SECONDS: Final = 1.0
TROUBLE_SECONDS: Final = 5.0

Work: TypeAlias = Callable[[Callable[[], bool]], object]
"""It is told how to find out that everything is about to stop."""


class Lanes:
    """`claim` gives out the next piece of work, or None. Both may raise: `log` says so by the code `fault`,
    and they are called again later."""

    def __init__(
        self,
        claim: Callable[[], Work | None],
        *,
        log: logging.Logger,
        fault: str,
        lanes: int = LANES,
        idle_seconds: float = IDLE_SECONDS,
        trouble_seconds: float = TROUBLE_SECONDS,
    ) -> None:
        self._claim = claim
        self._log = log
        self._fault = fault
        self._free = threading.Semaphore(lanes)
        self._idle_seconds = idle_seconds
        self._trouble_seconds = trouble_seconds
        self._stopping = threading.Event()
        self._lookout: threading.Thread | None = None
        self._workers: set[threading.Thread] = set()

    def start(self) -> None:
        if self._lookout is None:
            self._lookout = threading.Thread(
                target=self._look_out, name=f"{self._log.name}.lookout", daemon=True
            )
            self._lookout.start()

    def stop(self) -> None:
        """Returns when the work under way is finished or put back."""
        self._stopping.set()
        if self._lookout is not None:
            self._lookout.join()
            self._lookout = None
        for worker in list(self._workers):
            worker.join()

    def _look_out(self) -> None:
        while not self._stopping.is_set():
            if self._free.acquire(timeout=self._idle_seconds):
                self._stopping.wait(self._begin_next())

    def _begin_next(self) -> float:
        """Seconds to wait before the next look."""
        try:
            work = self._claim()
        except Exception:
            self._free.release()
            self._log.exception("%s: trying again in %g seconds", self._fault, self._trouble_seconds)
            return self._trouble_seconds
        if work is None:
            self._free.release()
            return self._idle_seconds
        worker = threading.Thread(target=self._run, args=(work,), name=self._log.name, daemon=True)
        self._workers.add(worker)
        worker.start()
        return 0.0

    def _run(self, work: Work) -> None:
        try:
            work(self._stopping.is_set)
        except Exception:
            self._log.exception("%s: it is tried again when its lease is over", self._fault)
        finally:
            self._workers.discard(threading.current_thread())
            self._free.release()
