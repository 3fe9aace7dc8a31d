"""The thread that keeps sending what is due."""

import logging
import threading
from collections.abc import Callable
from typing import Final

log = logging.getLogger("vestibule.server.mail")

IDLE_SECONDS: Final = 1.0
TROUBLE_SECONDS: Final = 5.0


class Delivery:
    """Calls `deliver` until it says that nothing was due, rests, and looks again.

    `deliver` may raise: what it could not finish stays due.
    """

    def __init__(
        self,
        deliver: Callable[[], int],
        *,
        idle_seconds: float = IDLE_SECONDS,
        trouble_seconds: float = TROUBLE_SECONDS,
    ) -> None:
        self._deliver = deliver
        self._idle_seconds = idle_seconds
        self._trouble_seconds = trouble_seconds
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="vestibule-mail", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Returns when the mail under way is finished."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._stopping.wait(self._rest())

    def _rest(self) -> float:
        try:
            return 0.0 if self._deliver() else self._idle_seconds
        except Exception:
            log.exception("mail_delivery_failed: trying again in %g seconds", self._trouble_seconds)
            return self._trouble_seconds
