"""How much happened lately: sign-ins, failures and new users, by day.

Days that are over are counted once, by whichever process comes first, and kept; only today is counted anew.
"""

import datetime as dt
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vestibule.server.identity.context import Identity
from vestibule.server.identity.event_names import KNOWN
from vestibule.server.store.activity import Counted, Tallied
from vestibule.server.store.transaction import Transaction

PERIODS: Final = (7, 30, 90)
METHODS: Final[Mapping[str, str]] = {
    f"authentication.{method}_succeeded": method
    for method in ("password", "magic_auth", "passkey", "oauth", "sso")
}
"""The first factors. A second one belongs to the same sign-in."""
NEW_USER: Final = "user.created"
FAILURES: Final = frozenset(
    name for name in KNOWN if name.startswith("authentication.") and name.endswith("_failed")
)
COUNTED: Final = frozenset({*METHODS, *FAILURES, NEW_USER})
SIGN_IN, FAILURE, USER, ACTIVE = "sign_in", "failure", "new_user", "active"
A_DAY: Final = dt.timedelta(days=1)
STILL_COMING: Final = dt.timedelta(hours=1)
"""What began before midnight may be written after it, and clocks differ."""
ACTIVE_IS_KNOWN_FOR: Final = dt.timedelta(hours=2)
BUDGET: Final = 0.5  # seconds a page may count former days


@dataclass(frozen=True, slots=True)
class Day:
    date: dt.date
    sign_ins: int = 0
    new_users: int = 0
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """`before`: in as many days before these; None when nobody knows."""

    now: int
    before: int | None

    @property
    def change(self) -> int | None:
        """In percent; None where there is nothing to compare with."""
        if not self.before:
            return None
        return round((self.now - self.before) * 100 / self.before)


@dataclass(frozen=True, slots=True)
class Activity:
    """`complete`: whether every day of the past was counted by now; otherwise ask again."""

    days: Sequence[Day]
    sign_ins: Figure
    new_users: Figure
    failures: Figure
    active_users: Figure
    reasons: Sequence[tuple[str, int]]
    methods: Sequence[tuple[str, int]]
    complete: bool


def read_activity(identity: Identity, *, days: int) -> Activity:
    """The last `days`, today among them, by UTC."""
    today = identity.now.date()
    first = today - A_DAY * (2 * days - 1)
    complete = count_days(identity, days=2 * days, budget=BUDGET)
    with identity.store.read() as tx:
        rows = [*tx.activity.list(first=first.isoformat(), last=today.isoformat())]
        for day in _still_open(identity):
            rows += _rows(day, tx.activity.tally(COUNTED, start=_start(day), end=_start(day + A_DAY)))
        active = tx.activity.count_signed_in_since(_start(today - A_DAY * (days - 1)))
    return _summed(rows, today, days, active, complete)


def count_days(identity: Identity, *, days: int = 2 * max(PERIODS), budget: float | None = None) -> bool:
    """Keep the numbers of days that are over, newest first; False when `budget` seconds were too few."""
    until = None if budget is None else time.monotonic() + budget
    for day in _uncounted(identity, days):
        with identity.store.read() as tx:
            found = tx.activity.tally(COUNTED, start=_start(day), end=_start(day + A_DAY))
            rows = [*_rows(day, found), *_active(tx, identity, day)]
        with identity.store.transaction() as tx:
            tx.activity.create(rows)
        if until is not None and time.monotonic() > until:
            return not list(_uncounted(identity, days))
    return True


def _uncounted(identity: Identity, days: int) -> Iterator[dt.date]:
    last = (identity.now - STILL_COMING).date() - A_DAY
    first = identity.now.date() - A_DAY * (days - 1)
    with identity.store.read() as tx:
        began = tx.activity.first_event_at()
        counted = tx.activity.list(first=first.isoformat(), last=last.isoformat())
    if began is None:
        return
    known = {row.day for row in counted}
    day = last
    while day >= max(first, began.date()):
        if day.isoformat() not in known:
            yield day
        day -= A_DAY


def _still_open(identity: Identity) -> Sequence[dt.date]:
    today, last = identity.now.date(), (identity.now - STILL_COMING).date()
    return [today] if last == today else [last, today]


def _rows(day: dt.date, found: Sequence[Tallied]) -> Sequence[Counted]:
    numbers = Counter({(USER, ""): 0})  # always there: by it a day is known to be counted
    for each in found:
        numbers[_kind(each)] += each.number
    return [Counted(day.isoformat(), kind, detail, number) for (kind, detail), number in numbers.items()]


def _kind(found: Tallied) -> tuple[str, str]:
    if found.event in METHODS:
        return SIGN_IN, METHODS[found.event]
    if found.event in FAILURES:
        return FAILURE, found.reason or "unknown"
    return USER, ""


def _active(tx: Transaction, identity: Identity, day: dt.date) -> Iterator[Counted]:
    """When each user was here last is known of the present only: who is asked later cannot say any more."""
    if identity.now - _start(day + A_DAY) > ACTIVE_IS_KNOWN_FOR:
        return
    for period in PERIODS:
        number = tx.activity.count_signed_in_since(_start(day - A_DAY * (period - 1)))
        yield Counted(day.isoformat(), ACTIVE, str(period), number)


def _summed(rows: Sequence[Counted], today: dt.date, days: int, active: int, complete: bool) -> Activity:
    begins = today - A_DAY * (days - 1)
    now, before = Counter[str](), Counter[str]()
    reasons, methods = Counter[str](), Counter[str]()
    by_day = Counter[tuple[str, str]]()
    former_active: int | None = None
    for row in rows:
        if row.kind == ACTIVE:
            if row.day == (begins - A_DAY).isoformat() and row.detail == str(days):
                former_active = row.number
        elif row.day < begins.isoformat():
            before[row.kind] += row.number
        else:
            now[row.kind] += row.number
            by_day[row.day, row.kind] += row.number
            {FAILURE: reasons, SIGN_IN: methods}.get(row.kind, Counter())[row.detail] += row.number
    return Activity(
        days=[_day(by_day, begins + A_DAY * number) for number in range(days)],
        sign_ins=Figure(now[SIGN_IN], before[SIGN_IN]),
        new_users=Figure(now[USER], before[USER]),
        failures=Figure(now[FAILURE], before[FAILURE]),
        active_users=Figure(active, former_active),
        reasons=_most_first(reasons),
        methods=_most_first(methods),
        complete=complete,
    )


def _day(numbers: Counter[tuple[str, str]], date: dt.date) -> Day:
    day = date.isoformat()
    return Day(
        date,
        sign_ins=numbers[day, SIGN_IN],
        new_users=numbers[day, USER],
        failures=numbers[day, FAILURE],
    )


def _most_first(numbers: Counter[str]) -> Sequence[tuple[str, int]]:
    return sorted(numbers.items(), key=lambda each: (-each[1], each[0]))


def _start(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC)
