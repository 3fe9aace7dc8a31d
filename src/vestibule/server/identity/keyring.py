"""What one process remembers of the signing keys and the environment for a few seconds."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

SECONDS: Final = 5.0


@dataclass(slots=True)
class Keyring:
    """Values that change once a month and are asked for at every request.

    Another process learns of a change after at most five seconds; keys are published long before they are
    used.
    """

    _values: dict[str, tuple[float, Any]] = field(default_factory=dict, repr=False)
    _kept: dict[str, Any] = field(default_factory=dict, repr=False)
    _forgotten: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def remember(self, name: str, at: float, load: Callable[[], Any]) -> Any:
        known = self._values.get(name)
        if known is not None and 0 <= at - known[0] < SECONDS:
            return known[1]
        forgotten = self._forgotten
        value = load()
        with self._lock:
            if forgotten == self._forgotten:  # else it may be from before the change
                self._values[name] = (at, value)
        return value

    def peek(self, name: str) -> Any:
        """What was last remembered, however long ago; None when nothing is."""
        known = self._values.get(name)
        return None if known is None else known[1]

    def keep(self, name: str, load: Callable[[], Any]) -> Any:
        """For what never changes under its name, such as a key that takes a while to open."""
        if name not in self._kept:
            value = load()
            with self._lock:
                self._kept[name] = value
        return self._kept[name]

    def forget(self) -> None:
        with self._lock:
            self._forgotten += 1
            self._values.clear()
