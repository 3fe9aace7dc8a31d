"""Applications of others that may ask to sign people in, their secrets, and what people have allowed them."""

from sqlalchemy import Boolean, Column, ForeignKey, LargeBinary, String, Table, Text, UniqueConstraint

from vestibule.server.store.columns import Json, Moment
from vestibule.server.store.schema.metadata import created_column, metadata, updated_column, user_column

applications = Table(
    "applications",
    metadata,
    Column("id", String, primary_key=True),
    Column("client_id", String, nullable=False, unique=True),
    Column("application_type", String, nullable=False),  # oauth | m2m
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("homepage_url", Text),
    Column("is_first_party", Boolean, nullable=False),
    Column("uses_pkce", Boolean, nullable=False),  # public: it may come without a secret
    Column("organization_id", ForeignKey("organizations.id", ondelete="CASCADE"), index=True),
    Column("scopes", Json, nullable=False),
    Column("redirect_uris", Json, nullable=False),  # [{"uri", "default"}]
    created_column(),
    updated_column(),
)

client_secrets = Table(
    "client_secrets",
    metadata,
    Column("id", String, primary_key=True),
    Column("application_id", ForeignKey("applications.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("secret_hash", LargeBinary, nullable=False, unique=True),
    Column("secret_hint", String, nullable=False),
    Column("last_used_at", Moment),
    created_column(),
    updated_column(),
)

consents = Table(
    "consents",
    metadata,
    Column("id", String, primary_key=True),
    user_column(),
    Column("application_id", ForeignKey("applications.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("scopes", Json, nullable=False),
    created_column(),
    updated_column(),
    UniqueConstraint("user_id", "application_id"),
)
