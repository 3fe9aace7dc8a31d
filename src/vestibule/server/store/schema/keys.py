"""Keys that an app hands to its own customers, and sign-ins in the name of somebody else."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, String, Table, Text

from vestibule.server.store.columns import Json, Moment
from vestibule.server.store.schema.metadata import created_column, metadata, updated_column

owned_api_keys = Table(  # of an organization; or, with a user, of that member of it
    "owned_api_keys",
    metadata,
    Column("id", String, primary_key=True),
    Column("organization_id", ForeignKey("organizations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), index=True),
    Column("name", Text, nullable=False),
    Column("key_hash", LargeBinary, nullable=False, unique=True),
    Column("obfuscated_value", String, nullable=False),
    Column("permissions", Json, nullable=False),
    Column("expires_at", Moment),
    Column("last_used_at", Moment),
    created_column(),
    updated_column(),
)

impersonations = Table(  # the trail: rows outlive their sessions, and the people in them
    "impersonations",
    metadata,
    Column("id", String, primary_key=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("user_id", String, nullable=False, index=True),
    Column("organization_id", String),
    Column("impersonator_email", Text, nullable=False),
    Column("impersonator_key", Text, nullable=False),  # canonical, as users.email_key
    Column("reason", Text, nullable=False),
    Column("ends_at", Moment, nullable=False),  # of whatever comes of it
    Column("expires_at", Moment, nullable=False),  # of the link, then of the way through the app
    Column("browser_hash", LargeBinary, index=True),  # the browser in which the link was opened
    Column("confirmed_at", Moment),
    Column("code_issued_at", Moment),
    Column("session_id", String),
    created_column(),
    Index("ix_impersonations_impersonator_key", "impersonator_key"),
    Index("ix_impersonations_created_at_id", "created_at", "id"),
)
