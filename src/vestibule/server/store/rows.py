"""From rows to frozen records, and pages of them by keyset: raw rows stop here."""

import datetime as dt
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Generic, Literal, Protocol, TypeAlias, TypeVar, cast

from sqlalchemy import Connection, Row, Select, Table, and_, or_, select

T = TypeVar("T")
AnyRow: TypeAlias = Row[*tuple[Any, ...]]


@cache
def _names(record: Hashable) -> tuple[str, ...]:
    return tuple(field.name for field in fields(cast("Any", record)))


def read(record: type[T], row: AnyRow) -> T:
    """`record` is a dataclass whose fields are named after columns of the row."""
    return record(*[getattr(row, name) for name in _names(cast(Hashable, record))])


def read_or_none(record: type[T], row: AnyRow | None) -> T | None:
    return None if row is None else read(record, row)


@dataclass(frozen=True, slots=True)
class Page:
    """What a caller asks of a list: at most one of `before` and `after`, each the id of an element."""

    limit: int = 10
    before: str | None = None
    after: str | None = None
    order: Literal["asc", "desc"] = "desc"


class HasId(Protocol):
    @property
    def id(self) -> str: ...


R = TypeVar("R", bound=HasId)


@dataclass(frozen=True, slots=True)
class Slice(Generic[R]):
    """One page; `before` and `after` are the cursors of the adjacent ones, None where there is none."""

    data: Sequence[R]
    before: str | None
    after: str | None


def list_page(connection: Connection, table: Table, record: type[R], page: Page, *where: Any) -> Slice[R]:
    """By (created_at, id), an order that no later row disturbs. An unknown cursor gives an empty page."""
    query = select(table).where(*where)
    cursor = page.before or page.after
    backwards = page.before is not None
    descending = (page.order == "desc") != backwards
    if cursor is not None:
        place = connection.execute(
            select(table.c.created_at).where(table.c.id == cursor)
        ).scalar_one_or_none()
        if place is None:
            return Slice((), None, None)
        query = query.where(_beyond(table, place, cursor, descending=descending))
    rows = connection.execute(_ordered(query, table, descending=descending).limit(page.limit + 1)).all()
    return _slice(record, rows, page, backwards=backwards)


def _beyond(table: Table, place: dt.datetime, cursor: str, *, descending: bool) -> Any:
    at, row_id = table.c.created_at, table.c.id
    # The first half says nothing new, but it is what lets both databases begin at the cursor.
    if descending:
        return and_(at <= place, or_(at < place, row_id < cursor))
    return and_(at >= place, or_(at > place, row_id > cursor))


def _ordered(query: Select[Any], table: Table, *, descending: bool) -> Select[Any]:
    at, row_id = table.c.created_at, table.c.id
    return query.order_by(at.desc(), row_id.desc()) if descending else query.order_by(at.asc(), row_id.asc())


def _slice(record: type[R], rows: Sequence[Row[Any]], page: Page, *, backwards: bool) -> Slice[R]:
    data = [read(record, row) for row in rows[: page.limit]]
    more = len(rows) > page.limit
    if backwards:
        data.reverse()
    if not data:
        return Slice((), None, None)
    has_previous = more if backwards else page.after is not None
    has_next = True if backwards else more
    return Slice(tuple(data), data[0].id if has_previous else None, data[-1].id if has_next else None)
