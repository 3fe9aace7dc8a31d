"""A clock that moves when a test says so."""

import datetime as dt
from dataclasses import dataclass


@dataclass(slots=True)
class Clock:
    now: dt.datetime

    def __call__(self) -> dt.datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        """`clock.advance(seconds=31)`"""
        self.now += dt.timedelta(**duration)
