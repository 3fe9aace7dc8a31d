"""Counting what happens in this process, cheaply: somebody may ask for it at /metrics."""

import threading
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from typing import Final, TypeAlias

Labels: TypeAlias = tuple[str, ...]

BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(slots=True)
class Spread:
    """How often something took how long: a count for each bound, and one for what took longer."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds


class Tally:
    """Safe in every thread. Labels come from the program, not from requests: anybody could fill it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Labels] = Counter()
        self._spreads: dict[Labels, Spread] = {}

    def count(self, *labels: str, by: int = 1) -> None:
        with self._lock:
            self._counts[labels] += by

    def time(self, seconds: float, *labels: str) -> None:
        with self._lock:
            spread = self._spreads.get(labels)
            if spread is None:
                spread = self._spreads[labels] = Spread()
            spread.add(seconds)

    def counts(self, name: str) -> dict[Labels, int]:
        """By the labels after the name."""
        with self._lock:
            return {labels[1:]: number for labels, number in self._counts.items() if labels[0] == name}

    def spreads(self, name: str) -> dict[Labels, Spread]:
        with self._lock:
            return {
                labels[1:]: Spread(list(spread.counts), spread.seconds)
                for labels, spread in self._spreads.items()
                if labels[0] == name
            }
