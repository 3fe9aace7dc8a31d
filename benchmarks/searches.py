"""Looking for somebody, or an organization, among many: while an operator types, and for the API."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import organization_search, user_search
from benchmarks.identity import databases
from benchmarks.rounds import FULL, Pace
from benchmarks.table import Row
from benchmarks.user_search import SEARCHES, SECRET, p95, timed
from vestibule.server.identity.context import Identity
from vestibule.server.identity.user_search import search_users
from vestibule.server.settings import Settings
from vestibule.server.store.store import Store

MANY = 100_000
GOAL = 50.0
Search = Callable[[], Any]


def rows(pace: Pace) -> Iterator[Row]:
    count = MANY if pace.rounds >= FULL.rounds else MANY // 20
    with ExitStack() as stack, TemporaryDirectory() as directory:
        for database, url in databases(stack):
            place = url.replace("///", f"///{Path(directory)}/") if url.startswith("sqlite") else url
            with closing(Store(place)) as store:
                store.migrate()
                organization_search.fill(store, count)
                user_search.fill(store, count)
                given = Settings(public_url="http://localhost", database=place, secret=SECRET)
                identity = Identity(store, given)
                beside = f"{database}, among {count:,}"
                yield row(f"search for a user, {beside}", _users(identity))
                yield from _organizations(identity, beside)


def _users(identity: Identity) -> dict[str, Search]:
    return {
        name: lambda query=query, filters=filters: search_users(identity, query, filters)  # type: ignore[misc]
        for name, (query, filters) in SEARCHES.items()
    }


def _organizations(identity: Identity, beside: str) -> Iterator[Row]:
    every = organization_search.searches(identity)
    by_part = {name: search for name, search in every.items() if name.startswith("API")}
    typed = {name: search for name, search in every.items() if name not in by_part}
    yield row(f"search for an organization, {beside}", typed)
    yield row(f"search for a part of a name by the API, {beside}", by_part)


def row(metric: str, searches: Mapping[str, Search]) -> Row:
    taken = {name: timed(search) for name, search in searches.items()}
    slowest = max(taken, key=lambda name: p95(taken[name]))
    every = sorted(each for times in taken.values() for each in times)
    return Row(
        metric=metric,
        peer=f"the slowest of {len(taken)} kinds: {slowest}, p95 {p95(taken[slowest]):.1f} ms",
        ours=f"p95 {p95(every):.1f} ms, median {median(every):.1f} ms",
        measured=p95(every),
        unit=" ms",
        at_most=GOAL,
    )
