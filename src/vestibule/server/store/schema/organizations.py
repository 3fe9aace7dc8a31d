"""Organizations, who belongs to them, and what roles allow."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text, UniqueConstraint, text

from vestibule.server.store.columns import Json
from vestibule.server.store.schema.metadata import created_column, metadata, updated_column, user_column

organizations = Table(
    "organizations",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", Text, nullable=False),
    Column("external_id", String, unique=True),
    Column("metadata", Json, nullable=False),
    created_column(),
    updated_column(),
)

roles = Table(
    "roles",
    metadata,
    Column("id", String, primary_key=True),
    Column("organization_id", ForeignKey("organizations.id", ondelete="CASCADE"), index=True),
    Column("slug", String, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text),
    created_column(),
    updated_column(),
    UniqueConstraint("organization_id", "slug"),
    # NULLs differ from each other, so the environment's own roles need an index of their own.
    Index(
        "uq_roles_slug_environment",
        "slug",
        unique=True,
        sqlite_where=text("organization_id IS NULL"),
        postgresql_where=text("organization_id IS NULL"),
    ),
)

role_permissions = Table(
    "role_permissions",
    metadata,
    Column("role_id", ForeignKey("roles.id", ondelete="CASCADE"), primary_key=True),
    Column("permission", String, primary_key=True),
)

memberships = Table(
    "memberships",
    metadata,
    Column("id", String, primary_key=True),
    user_column(),
    Column(
        "organization_id",
        ForeignKey("organizations.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("status", String, nullable=False),  # active | inactive | pending
    Column("role", String, nullable=False),  # the slug of the first role
    Column("roles", Json, nullable=False),  # every role slug, the first one included
    created_column(),
    updated_column(),
    UniqueConstraint("user_id", "organization_id"),
)
