"""Organizations, who belongs to them, and what roles allow."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)

from vestibule.server.store.columns import Json, Moment
from vestibule.server.store.schema.metadata import created_column, metadata, updated_column, user_column
from vestibule.server.store.schema.people import BY_BYTES

organizations = Table(
    "organizations",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", Text, nullable=False),
    Column("external_id", String, unique=True),
    Column("metadata", Json, nullable=False),
    Column("allow_profiles_outside_organization", Boolean, nullable=False, server_default=true()),
    Column("domain_auto_join", Boolean, nullable=False, server_default=false()),
    Column("domain_capture", Boolean, nullable=False, server_default=false()),
    Column("entitlements", Json, nullable=False, server_default=text("'[]'")),
    created_column(),
    updated_column(),
    Index("ix_organizations_created_at_id", "created_at", "id"),
)

organization_terms = Table(  # what an organization is found by while somebody types
    "organization_terms",
    metadata,
    Column("term", BY_BYTES, primary_key=True),
    Column("organization_id", ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_organization_terms_organization_id_term", "organization_id", "term"),
    sqlite_with_rowid=False,
)

organization_domains = Table(
    "organization_domains",
    metadata,
    Column("id", String, primary_key=True),
    Column("organization_id", ForeignKey("organizations.id", ondelete="CASCADE"), nullable=False),
    Column("domain", String, nullable=False, index=True),
    Column("state", String, nullable=False),  # pending | verified | failed
    Column("verification_strategy", String, nullable=False),  # dns | manual
    Column("verification_prefix", String, nullable=False),
    Column("verification_token", String, nullable=False),
    Column("verify_until", Moment, nullable=False),
    created_column(),
    updated_column(),
    UniqueConstraint("organization_id", "domain"),
    # Several may try to prove a domain, one has it.
    Index(
        "uq_organization_domains_verified",
        "domain",
        unique=True,
        sqlite_where=text("state = 'verified'"),
        postgresql_where=text("state = 'verified'"),
    ),
)

permissions = Table(
    "permissions",
    metadata,
    Column("id", String, primary_key=True),
    Column("slug", String, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("system", Boolean, nullable=False),
    Column("resource_type_slug", String, nullable=False),
    created_column(),
    updated_column(),
    Index("ix_permissions_created_at_id", "created_at", "id"),
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
    Column("permission", String, primary_key=True, index=True),  # its slug
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
    Index("ix_memberships_organization_id_created_at_id", "organization_id", "created_at", "id"),
    Index("ix_memberships_status", "organization_id", "status", "created_at", "id"),
    Index("ix_memberships_roles", "roles"),  # by which the few lists of roles that there are, are found
)
