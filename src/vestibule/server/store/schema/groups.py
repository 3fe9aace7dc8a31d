"""Groups of an organization's members."""

from sqlalchemy import Column, ForeignKey, String, Table, Text

from vestibule.server.store.schema.metadata import created_column, metadata, updated_column

groups = Table(
    "groups",
    metadata,
    Column("id", String, primary_key=True),
    Column("organization_id", ForeignKey("organizations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("description", Text),
    created_column(),
    updated_column(),
)

group_members = Table(
    "group_members",
    metadata,
    Column("group_id", ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True),
    Column("membership_id", ForeignKey("memberships.id", ondelete="CASCADE"), primary_key=True, index=True),
    created_column(),
)
