"""Users as they are looked for among millions: by beginnings of words and a few filters, a page at a time.

The rarest of what was asked for leads: its index is walked in its order, and each row found there is held
against the rest. How rare something is, is counted up to a bound.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import Connection, Select, and_, func, literal_column, or_, select, text

from vestibule.server.store.rows import read
from vestibule.server.store.schema import memberships, user_terms, users
from vestibule.server.store.user_terms import beginning_with
from vestibule.server.store.users import User

COUNTED_UP_TO: Final = 10_000
NOT_VERIFIED: Final = text("NOT users.email_verified")  # as the index has it, or SQLite does not use that
Order: TypeAlias = Literal["term", "member", "seen", "created"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """`words` are folded. Everything given has to be true of a user."""

    words: tuple[str, ...] = ()
    suspended: bool = False
    unverified: bool = False
    organization_id: str | None = None
    signed_in_since: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list went on: what led, and the last row of it. `word` counts for the order `term`."""

    order: Order
    word: int
    value: str | dt.datetime
    row_id: str


@dataclass(frozen=True, slots=True)
class Found:
    users: Sequence[User]
    after: Place | None


class UserSearches:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find_exact(self, given: str) -> Sequence[User]:
        """Whoever has this id, or this external id."""
        query = select(users).where(or_(users.c.id == given, users.c.external_id == given)).limit(2)
        return [read(User, row) for row in self._connection.execute(query)]

    def list(self, wanted: Wanted, *, limit: int, after: Place | None = None) -> Found:
        lead = self._rarest(wanted) if after is None else (after.order, after.word)
        query, value, row_id = _led(wanted, *lead)
        rows = self._connection.execute(_beyond(query, value, row_id, lead[0], after).limit(limit + 1)).all()
        page = rows[:limit]
        by_id = {row.user_id for row in page}
        people = {
            row.id: read(User, row)
            for row in self._connection.execute(select(users).where(users.c.id.in_(by_id)))
        }
        last = Place(lead[0], lead[1], page[-1].value, page[-1].row_id) if len(rows) > limit else None
        return Found([people[row.user_id] for row in page if row.user_id in people], last)

    def _rarest(self, wanted: Wanted) -> tuple[Order, int]:
        leads = _leads(wanted)
        if len(leads) < 2:
            return leads[0] if leads else ("created", 0)
        return min(leads, key=lambda lead: self._count(_range(wanted, *lead)))

    def _count(self, query: Select[Any]) -> int:
        rows: Select[Any] = query.with_only_columns(literal_column("1"), maintain_column_froms=True)
        bounded = rows.limit(COUNTED_UP_TO).subquery()
        return int(self._connection.execute(select(func.count()).select_from(bounded)).scalar_one())


def _leads(wanted: Wanted) -> list[tuple[Order, int]]:
    """The first of those that are too many to count leads. What goes by time comes before words, which bring
    the oldest first: the filters look for the newest. Of words, longer ones are rarer."""
    leads: list[tuple[Order, int]] = []
    if wanted.organization_id is not None:
        leads.append(("member", 0))
    if wanted.suspended or wanted.unverified:
        leads.append(("created", 0))
    if wanted.signed_in_since is not None:
        leads.append(("seen", 0))
    by_length = sorted(range(len(wanted.words)), key=lambda place: -len(wanted.words[place]))
    return [*leads, *(("term", place) for place in by_length)]


def _led(wanted: Wanted, order: Order, word: int) -> tuple[Select[Any], Any, Any]:
    """The rows of the leading index in their order, each held against everything else that is wanted."""
    query = _range(wanted, order, word)
    user_id = _user_id(order)
    for place, start in enumerate(wanted.words):
        if order != "term" or place != word:
            query = query.where(_has_word(user_id, start).is_not(None))
    if order == "term":
        query = query.where(_first_of_user(wanted.words[word]).is_(None))
    if wanted.organization_id is not None and order != "member":
        query = query.where(_belongs(user_id, wanted.organization_id).is_not(None))
    query = _with_state(query, wanted, order, user_id)
    match order:
        case "term":
            return query, user_terms.c.term, user_terms.c.user_id
        case "member":
            return query, memberships.c.created_at, memberships.c.id
        case "seen":
            return query, users.c.last_sign_in_at, users.c.id
    return query, users.c.created_at, users.c.id


def _range(wanted: Wanted, order: Order, word: int) -> Select[Any]:
    match order:
        case "term":
            return select(user_terms).where(beginning_with(user_terms.c.term, wanted.words[word]))
        case "member":
            return select(memberships).where(memberships.c.organization_id == wanted.organization_id)
        case "seen":
            return select(users).where(users.c.last_sign_in_at >= wanted.signed_in_since)
    query = select(users)
    if wanted.suspended:
        query = query.where(users.c.suspended_at.is_not(None))
    if wanted.unverified:
        query = query.where(NOT_VERIFIED)
    return query


def _user_id(order: Order) -> Any:
    if order == "term":
        return user_terms.c.user_id
    return memberships.c.user_id if order == "member" else users.c.id


# Subqueries with a limit are asked for each row, which is what is meant: a few dozen rows are looked at.
# Without it, PostgreSQL likes to join with everybody.


def _has_word(user_id: Any, start: str) -> Any:
    other = user_terms.alias()
    query = select(other.c.term).where(other.c.user_id == user_id, beginning_with(other.c.term, start))
    return query.correlate_except(other).limit(1).scalar_subquery()


def _first_of_user(start: str) -> Any:
    """Ada of ada@example.com is found twice under `ada`: the first in the order counts."""
    other = user_terms.alias()
    query = select(other.c.term).where(
        other.c.user_id == user_terms.c.user_id, other.c.term >= start, other.c.term < user_terms.c.term
    )
    return query.correlate_except(other).limit(1).scalar_subquery()


def _belongs(user_id: Any, organization_id: str) -> Any:
    query = select(memberships.c.id).where(
        memberships.c.user_id == user_id, memberships.c.organization_id == organization_id
    )
    return query.correlate_except(memberships).limit(1).scalar_subquery()


def _with_state(query: Select[Any], wanted: Wanted, order: Order, user_id: Any) -> Select[Any]:
    wishes: list[Any] = []
    if wanted.suspended:
        wishes.append(users.c.suspended_at.is_not(None))
    if wanted.unverified:
        wishes.append(NOT_VERIFIED)
    if wanted.signed_in_since is not None:
        wishes.append(users.c.last_sign_in_at >= wanted.signed_in_since)
    if not wishes or order in ("seen", "created"):
        return query.where(*wishes)
    state = select(users.c.id).where(users.c.id == user_id, *wishes)
    return query.where(state.correlate_except(users).limit(1).scalar_subquery().is_not(None))


def _beyond(query: Select[Any], value: Any, row_id: Any, order: Order, after: Place | None) -> Select[Any]:
    """Words from a to z, everything else newest first."""
    upwards = order == "term"
    if after is not None:
        at, then = after.value, after.row_id
        beyond = or_(value > at, row_id > then) if upwards else or_(value < at, row_id < then)
        # The first half says nothing new, but it is what lets both databases begin at the place.
        query = query.where(and_(value >= at if upwards else value <= at, beyond))
    shown = query.with_only_columns(
        value.label("value"), row_id.label("row_id"), _user_id(order).label("user_id")
    )
    return shown.order_by(value, row_id) if upwards else shown.order_by(value.desc(), row_id.desc())
