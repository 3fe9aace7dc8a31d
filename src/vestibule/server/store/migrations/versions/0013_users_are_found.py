"""What users are found by while somebody types, who is suspended, and whom an event is about."""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from vestibule.server.store.columns import Moment
from vestibule.server.store.events import subject_of
from vestibule.server.store.user_terms import terms_of

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

AT_ONCE = 5_000
BY_BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SUSPENDED, UNVERIFIED = sa.text("suspended_at IS NOT NULL"), sa.text("NOT email_verified")
ABOUT_SOMEBODY = sa.text("user_id IS NOT NULL")


def upgrade() -> None:
    op.add_column("users", sa.Column("suspended_at", Moment()))
    op.create_index("ix_users_last_sign_in_at_id", "users", ["last_sign_in_at", "id"])
    _partial("ix_users_suspended", "users", ["created_at", "id"], SUSPENDED)
    _partial("ix_users_unverified", "users", ["created_at", "id"], UNVERIFIED)
    op.create_table(
        "user_terms",
        sa.Column("term", BY_BYTES, nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_terms_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("term", "user_id", name=op.f("pk_user_terms")),
        sqlite_with_rowid=False,
    )
    _write_terms()
    op.create_index("ix_user_terms_user_id_term", "user_terms", ["user_id", "term"])
    op.add_column("events", sa.Column("user_id", sa.String()))
    _write_subjects()
    _partial("ix_events_user_id_position", "events", ["user_id", "position"], ABOUT_SOMEBODY)


def _partial(name: str, table: str, columns: list[str], where: Any) -> None:
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def _write_terms() -> None:
    terms = sa.table("user_terms", sa.column("term"), sa.column("user_id"))
    for users in _batches("users", "id", "email", "first_name", "last_name", "name"):
        rows = [{"term": term, "user_id": user.id} for user in users for term in set(terms_of(user._mapping))]
        op.get_bind().execute(sa.insert(terms), rows)


def _write_subjects() -> None:
    events = sa.table("events", sa.column("position"), sa.column("user_id"))
    about = (
        sa.update(events)
        .where(events.c.position == sa.bindparam("place"))
        .values(user_id=sa.bindparam("subject"))
    )
    for batch in _batches("events", "position", "event", "data"):
        found = [(each.position, subject_of(each.event, json.loads(each.data))) for each in batch]
        rows = [{"place": place, "subject": subject} for place, subject in found if subject is not None]
        if rows:
            op.get_bind().execute(about, rows)


def _batches(table: str, key: str, *columns: str) -> Iterator[list[Any]]:
    """By key, so that millions of rows are never in memory, nor open while others are written."""
    rows = sa.table(table, sa.column(key), *map(sa.column, columns))
    query = sa.select(rows).order_by(rows.c[key]).limit(AT_ONCE)
    last = None
    while batch := list(op.get_bind().execute(query if last is None else query.where(rows.c[key] > last))):
        yield batch
        last = batch[-1]._mapping[key]
