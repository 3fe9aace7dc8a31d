"""What apps are configured with, and the devices that wait for somebody to approve them."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, LargeBinary, String, Table, Text

from vestibule.server.store.columns import Moment
from vestibule.server.store.schema.metadata import created_column, metadata, updated_column

cors_origins = Table(
    "cors_origins",
    metadata,
    Column("id", String, primary_key=True),
    Column("origin", Text, nullable=False, unique=True),
    created_column(),
    updated_column(),
)

jwt_templates = Table(  # one row, or none
    "jwt_templates",
    metadata,
    Column("id", String, primary_key=True),
    Column("content", Text, nullable=False),
    created_column(),
    updated_column(),
)

device_codes = Table(  # RFC 8628: one device that waits for a sign-in somewhere else
    "device_codes",
    metadata,
    Column("device_code_hash", LargeBinary, primary_key=True),
    Column("user_code_hash", LargeBinary, nullable=False, unique=True),
    Column("client_id", String, nullable=False),
    Column("scope", String),
    Column("ip_address", String),  # of the device
    Column("user_agent", Text),
    Column("poll_seconds", Integer, nullable=False),
    Column("polled_at", Moment),
    Column("polled_too_soon", Boolean, nullable=False, default=False),
    Column("decision", String),  # approved | denied
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), index=True),
    Column("organization_id", String),
    Column("authentication_method", String),
    Column("second_factor", String),
    Column("authenticated_at", Moment),
    Column("browser_session_id", String),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("consumed_at", Moment),
    created_column(),
)
