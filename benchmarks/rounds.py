"""Measuring in turns: each contestant once per round, so that a slow moment of the machine falls on all."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

Timer = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Pace:
    """`warm_up` is long enough for JavaScript to be compiled."""

    rounds: int
    seconds: float
    warm_up: float


FULL = Pace(rounds=7, seconds=0.4, warm_up=1.5)
QUICK = Pace(rounds=3, seconds=0.1, warm_up=0.2)


@dataclass(frozen=True, slots=True)
class Ratio:
    median: float
    lowest: float
    highest: float

    def __str__(self) -> str:
        return f"{_short(self.median)} ({_short(self.lowest)} to {_short(self.highest)})"


@dataclass(frozen=True, slots=True)
class Rounds:
    """What each contestant reached in each round, in one unit."""

    values: Mapping[str, list[float]]

    def __getitem__(self, name: str) -> float:
        return median(self.values[name])

    def ratio(self, above: str, below: str) -> Ratio:
        """Round by round, so that both sides of a quotient saw the same machine."""
        each = [one / other for one, other in zip(self.values[above], self.values[below], strict=True)]
        return Ratio(median(each), min(each), max(each))


def take_turns(contestants: Mapping[str, Timer], pace: Pace) -> Rounds:
    for timer in contestants.values():
        timer(pace.warm_up)
    values: dict[str, list[float]] = {name: [] for name in contestants}
    for _round in range(pace.rounds):
        for name, timer in contestants.items():
            values[name].append(timer(pace.seconds))
    return Rounds(values)


def microseconds(call: Callable[[], object]) -> Timer:
    """How long one call takes, called again and again for as many seconds."""

    def timer(seconds: float) -> float:
        started = time.perf_counter()
        calls = 0
        while (passed := time.perf_counter() - started) < seconds:
            call()
            calls += 1
        return passed * 1_000_000 / calls

    return timer


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
