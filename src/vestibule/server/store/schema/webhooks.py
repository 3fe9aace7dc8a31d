"""Webhook endpoints, and what becomes of each event on its way to them."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from vestibule.server.store.columns import Json, Moment
from vestibule.server.store.schema.metadata import created_column, metadata, updated_column

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    Column("id", String, primary_key=True),
    Column("endpoint_url", Text, nullable=False, unique=True),
    Column("secret_sealed", Text, nullable=False),
    Column("status", String, nullable=False),
    Column("events", Json, nullable=False),
    Column("position", Integer, nullable=False),  # events up to this one have their deliveries
    Column("leased_until", Moment),  # one worker at a time looks after an endpoint
    Column("lease", String),
    Column("failures", Integer, nullable=False),  # in a row, of the endpoint as a whole
    Column("rests_until", Moment),
    created_column(),
    updated_column(),
    Index("ix_webhook_endpoints_created_at_id", "created_at", "id"),
)

webhook_deliveries = Table(  # one event to one endpoint
    "webhook_deliveries",
    metadata,
    Column("id", String, primary_key=True),
    Column("endpoint_id", ForeignKey("webhook_endpoints.id", ondelete="CASCADE"), nullable=False),
    Column("event_id", String, nullable=False),
    Column("event", String, nullable=False),
    Column("position", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Moment),  # null: nothing more will be tried
    Column("queued_at", Moment, nullable=False),
    Column("delivered_at", Moment),
    Column("failed_at", Moment),
    Column("last_status", Integer),
    Column("last_error", Text),
    Column("last_milliseconds", Integer),
    Column("last_excerpt", Text),  # the beginning of what was answered
    created_column(),
    updated_column(),
    UniqueConstraint("endpoint_id", "event_id"),
    Index("ix_webhook_deliveries_endpoint_id_due_at", "endpoint_id", "due_at"),
    Index("ix_webhook_deliveries_endpoint_id_created_at_id", "endpoint_id", "created_at", "id"),
    Index("ix_webhook_deliveries_delivered_at", "delivered_at"),
    Index("ix_webhook_deliveries_failed_at", "failed_at"),
)
