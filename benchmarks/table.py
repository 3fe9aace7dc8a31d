"""The table of results: one row for each goal, and what is only told."""

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.rounds import Ratio

NONE = "-"
HEAD = ("Metric", "Peer", "Ours", "Ratio (range)", "Goal", "Verdict")
# What the issue asks for; a test holds the published table to it.
METRICS = (
    "session load, uncached",
    "session load, token cache",
    "session load, cookie cache",
    "session load without the speed extra",
    "seal a session",
    "protected page, uncached",
    "protected page, token cache",
    "protected page, cookie cache",
    "refresh grant, SQLite, 1 process",
    "refresh grant, SQLite, 2 processes",
    "refresh grant, PostgreSQL, 1 process",
    "refresh grant, PostgreSQL, 2 processes",
    "password sign-in",
    "storm of sign-ins: /healthz p99",
    "storm of sign-ins: refresh p99",
    "create a user, SQLite",
    "create a user, PostgreSQL",
    "get a user, SQLite",
    "get a user, PostgreSQL",
    "list ten users, SQLite",
    "list ten users, PostgreSQL",
    "refresh, SQLite",
    "refresh, PostgreSQL",
    "list 1,000,000 users, SQLite",
    "list 1,000,000 users, PostgreSQL",
    "create a user, SQLite",
    "create a user, PostgreSQL",
    "get a user, SQLite",
    "get a user, PostgreSQL",
    "list ten users, SQLite",
    "list ten users, PostgreSQL",
    "refresh, SQLite",
    "refresh, PostgreSQL",
    "list 1,000,000 users, SQLite",
    "list 1,000,000 users, PostgreSQL",
    "import of the toolkit",
    "server start to first 200",
    "server memory",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`at_least` and `at_most` are what the ratio, or the figure where there is none, must reach."""

    metric: str
    peer: str
    ours: str
    measured: Ratio | float | None = None
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None

    @property
    def goal(self) -> str:
        if self.at_least is not None:
            return f"≥ {self.at_least:g}{self.unit}"
        return f"≤ {self.at_most:g}{self.unit}" if self.at_most is not None else NONE

    @property
    def verdict(self) -> str:
        if self.measured is None or self.goal == NONE:
            return NONE
        value = self.measured.median if isinstance(self.measured, Ratio) else self.measured
        low = self.at_least is None or value >= self.at_least
        high = self.at_most is None or value <= self.at_most
        return "met" if low and high else "**missed**"

    def cells(self) -> tuple[str, ...]:
        value = self.measured
        figure = f"{value:.3g}{self.unit}" if isinstance(value, float) else value
        shown = NONE if figure is None else str(figure)
        return (self.metric, self.peer, self.ours, shown, self.goal, self.verdict)


def markdown(rows: Iterable[Row]) -> str:
    lines = [HEAD, ("---",) * len(HEAD), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
