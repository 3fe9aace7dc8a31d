"""Feature flags, and for whom they are on."""

from sqlalchemy import Boolean, Column, ForeignKey, String, Table, Text

from vestibule.server.store.columns import Json
from vestibule.server.store.schema.metadata import created_column, metadata, updated_column

feature_flags = Table(
    "feature_flags",
    metadata,
    Column("id", String, primary_key=True),
    Column("slug", String, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("tags", Json, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("default_value", Boolean, nullable=False),  # for everybody who is no target
    created_column(),
    updated_column(),
)

flag_users = Table(
    "flag_users",
    metadata,
    Column("flag_id", ForeignKey("feature_flags.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True),
)

flag_organizations = Table(
    "flag_organizations",
    metadata,
    Column("flag_id", ForeignKey("feature_flags.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "organization_id", ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True, index=True
    ),
)
