"""Charts as shapes in a box of 1000 by 200, drawn by the template as SVG: no script, no styles."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

WIDTH: Final = 1000
HEIGHT: Final = 200
STEPS: Final = (1, 2, 5, 10)
Series: TypeAlias = Sequence[tuple[str, Sequence[int]]]


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    number: int
    """Which of the colors for series."""
    points: str
    area: str


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a pointer learns what a day says."""

    x: float
    width: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    lines: Sequence[Line]
    hits: Sequence[Hit]
    scale: Sequence[int]
    """From the top down to zero."""


def line_chart(series: Series, labels: Sequence[str]) -> Chart:
    """`labels`: what each point of all series is of."""
    top = _top(max((max(values, default=0) for _, values in series), default=0))
    xs = _places(len(labels))
    return Chart(
        [_line(name, number, values, xs, top) for number, (name, values) in enumerate(series, start=1)],
        _hits(series, labels, xs),
        [top, top // 2, 0],
    )


def share(number: int, most: int) -> int:
    """The length of a bar, of 100; what is there at all can be seen."""
    return 0 if not number else max(1, round(number * 100 / max(most, 1)))


def _line(name: str, number: int, values: Sequence[int], xs: Sequence[float], top: int) -> Line:
    places = [f"{x:g},{HEIGHT - value * HEIGHT / top:g}" for x, value in zip(xs, values, strict=True)]
    points = " ".join(places)
    return Line(name, number, points, f"{xs[0]:g},{HEIGHT} {points} {xs[-1]:g},{HEIGHT}")


def _hits(series: Series, labels: Sequence[str], xs: Sequence[float]) -> list[Hit]:
    borders = [0.0, *[(a + b) / 2 for a, b in pairwise(xs)], float(WIDTH)]
    hits = []
    for place, (left, right) in enumerate(pairwise(borders)):
        numbers = ", ".join(f"{name.lower()} {values[place]:,}" for name, values in series)
        hits.append(Hit(round(left, 2), round(right - left, 2), f"{labels[place]}: {numbers}"))
    return hits


def _places(number: int) -> Sequence[float]:
    if number == 1:
        return [WIDTH / 2]
    return [round(place * WIDTH / (number - 1), 2) for place in range(number)]


def _top(most: int) -> int:
    """The next round number whose half is a whole one."""
    unit = 1
    while unit * 10 < most:
        unit *= 10
    return next(top for step in STEPS if (top := max(2, unit * step + (unit * step) % 2)) >= most)
