"""A clock that stands still until a test moves it."""

import time
from datetime import timedelta


class Clock:
    """Give it to `Auth(app, clock=…)` and `TestIssuer(…, clock=…)` alike; it starts at the present."""

    def __init__(self, now: float | None = None) -> None:
        self.now = time.time() if now is None else now

    def __call__(self) -> float:
        return self.now

    def advance(self, **duration: float) -> None:
        """`clock.advance(minutes=6)`: the words of `datetime.timedelta`."""
        self.now += timedelta(**duration).total_seconds()
