"""What leaves the server, and what limits who comes."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text, text

from vestibule.server.store.columns import Json, Moment
from vestibule.server.store.schema.metadata import created_column, metadata

events = Table(
    "events",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("id", String, nullable=False, unique=True),
    Column("event", String, nullable=False),
    Column("data", Json, nullable=False),
    Column("context", Json),
    Column("organization_id", String),
    Column("user_id", String),  # whom it is about
    Column("actor_id", String),  # who caused it: an operator, an API key
    Column("reason", String),  # the code of what failed
    created_column(),
    Index("ix_events_event_position", "event", "position"),
    Index("ix_events_event_created_at_reason", "event", "created_at", "reason"),  # what is counted
    Index("ix_events_organization_id_position", "organization_id", "position"),
    Index(
        "ix_events_actor_id_position",
        "actor_id",
        "position",
        sqlite_where=text("actor_id IS NOT NULL"),
        postgresql_where=text("actor_id IS NOT NULL"),
    ),
    Index(
        "ix_events_user_id_position",
        "user_id",
        "position",
        sqlite_where=text("user_id IS NOT NULL"),
        postgresql_where=text("user_id IS NOT NULL"),
    ),
)

mails = Table(  # the outbox, and the development inbox
    "mails",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("message_sealed", Text, nullable=False),  # subject, text, html: they carry codes and links
    Column("attempts", Integer, nullable=False, default=0),
    Column("due_at", Moment, nullable=False, index=True),
    Column("sent_at", Moment),
    Column("failed_at", Moment),
    Column("last_error", Text),
    created_column(),
    Index(  # the few that wait, among all that were sent
        "ix_mails_waiting",
        "due_at",
        "id",
        sqlite_where=text("sent_at IS NULL AND failed_at IS NULL"),
        postgresql_where=text("sent_at IS NULL AND failed_at IS NULL"),
    ),
)

rate_windows = Table(
    "rate_windows",
    metadata,
    Column("key_hash", LargeBinary, primary_key=True),
    Column("started_at", Moment, nullable=False),
    Column("count", Integer, nullable=False),
)

idempotent_requests = Table(
    "idempotent_requests",
    metadata,
    Column("key_hash", LargeBinary, primary_key=True),
    Column("request_hash", LargeBinary, nullable=False),
    Column("status", Integer),
    Column("answer_sealed", Text),
    Column("expires_at", Moment, nullable=False, index=True),
    created_column(),
)
