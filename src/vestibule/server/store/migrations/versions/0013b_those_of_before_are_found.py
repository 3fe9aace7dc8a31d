"""The users and events that were there before they could be found."""

import json
from typing import Any

import sqlalchemy as sa

from vestibule.server.store.events import subject_of
from vestibule.server.store.upsert import insert_into
from vestibule.server.store.user_terms import terms_of

revision = "0013b"
down_revision = "0013"
branch_labels = None
depends_on = None

AT_ONCE = 1_000
TERMS = sa.table("user_terms", sa.column("term"), sa.column("user_id"))
USERS = sa.table("users", *map(sa.column, ("id", "email", "first_name", "last_name", "name")))
EVENTS = sa.table("events", *map(sa.column, ("position", "event", "data", "user_id")))
ABOUT = (
    sa.update(EVENTS)
    .where(EVENTS.c.position == sa.bindparam("place"))
    .values(user_id=sa.bindparam("subject"))
)


def upgrade() -> None:
    """`fill` has done it."""


def fill(connection: sa.Connection, after: object) -> object:
    """One step; what to go on with, or None at the end. What was written before a kill is passed over."""
    place = after if isinstance(after, tuple) else ("users", None)
    if place[0] == "users":
        last = _write_terms(connection, place[1])
        return ("events", None) if last is None else ("users", last)
    last = _write_subjects(connection, place[1])
    return None if last is None else ("events", last)


def _write_terms(connection: sa.Connection, after: object) -> object:
    found = ~sa.exists().where(TERMS.c.user_id == USERS.c.id)
    users = _next(connection, USERS, USERS.c.id, after, found)
    rows = [{"term": term, "user_id": user.id} for user in users for term in set(terms_of(user._mapping))]
    if rows:
        connection.execute(insert_into(connection, TERMS).on_conflict_do_nothing(), rows)
    return users[-1].id if users else None


def _write_subjects(connection: sa.Connection, after: object) -> object:
    events = _next(connection, EVENTS, EVENTS.c.position, after, EVENTS.c.user_id.is_(None))
    found = [(each.position, subject_of(each.event, json.loads(each.data))) for each in events]
    rows = [{"place": place, "subject": subject} for place, subject in found if subject is not None]
    if rows:
        connection.execute(ABOUT, rows)
    return events[-1].position if events else None


def _next(
    connection: sa.Connection, table: sa.TableClause, key: Any, after: object, waiting: Any
) -> list[Any]:
    """By key, so that millions of rows are never in memory, nor open while others are written."""
    query = sa.select(table).where(waiting).order_by(key).limit(AT_ONCE)
    # None of them may be deleted before its terms are written.
    query = query.with_for_update(read=True, key_share=True)
    return list(connection.execute(query if after is None else query.where(key > after)))
