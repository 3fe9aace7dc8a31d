"""What is counted for each day, and who caused an event and why something failed, in columns of their own."""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from vestibule.server.store.events import actor_of, reason_of

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

AT_ONCE = 5_000
CAUSED = sa.text("actor_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "activity_days",
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "kind", "detail", name=op.f("pk_activity_days")),
    )
    op.add_column("events", sa.Column("reason", sa.String()))
    op.add_column("events", sa.Column("actor_id", sa.String()))
    _fill()
    op.drop_index("ix_events_event", "events")
    op.drop_index("ix_events_organization_id", "events")
    op.create_index("ix_events_event_position", "events", ["event", "position"])
    op.create_index("ix_events_event_created_at_reason", "events", ["event", "created_at", "reason"])
    op.create_index("ix_events_organization_id_position", "events", ["organization_id", "position"])
    op.create_index(
        "ix_events_actor_id_position",
        "events",
        ["actor_id", "position"],
        sqlite_where=CAUSED,
        postgresql_where=CAUSED,
    )


def _fill() -> None:
    events = sa.table("events", sa.column("position"), sa.column("reason"), sa.column("actor_id"))
    change = (
        sa.update(events)
        .where(events.c.position == sa.bindparam("place"))
        .values(reason=sa.bindparam("why"), actor_id=sa.bindparam("who"))
    )
    for batch in _batches():
        rows = []
        for each in batch:
            why = reason_of(each.event, json.loads(each.data))
            who = actor_of(json.loads(each.context) if each.context else None)
            if why is not None or who is not None:
                rows.append({"place": each.position, "why": why, "who": who})
        if rows:
            op.get_bind().execute(change, rows)


def _batches() -> Iterator[list[Any]]:
    """By position, so that millions of rows are never in memory, nor open while others are written."""
    names = ("position", "event", "data", "context")
    events = sa.table("events", *map(sa.column, names))
    query, last = sa.select(events).order_by(events.c.position).limit(AT_ONCE), -1
    while batch := list(op.get_bind().execute(query.where(events.c.position > last))):
        yield batch
        last = batch[-1].position
