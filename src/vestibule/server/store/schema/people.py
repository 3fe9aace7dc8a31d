"""People, and what proves that they are who they say."""

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, text

from vestibule.server.store.columns import Json, Moment
from vestibule.server.store.schema.metadata import created_column, metadata, updated_column, user_column

BY_BYTES: Final = Text().with_variant(Text(collation="C"), "postgresql")
"""Text whose beginnings are ranges of an index, whatever language PostgreSQL sorts by."""

users = Table(
    "users",
    metadata,
    Column("id", String, primary_key=True),
    Column("email", Text, nullable=False),  # as given: mail always goes here
    Column("email_key", Text, nullable=False, unique=True),  # canonical: lookups only
    Column("email_verified", Boolean, nullable=False, default=False),
    Column("first_name", Text),
    Column("last_name", Text),
    Column("name", Text),
    Column("profile_picture_url", Text),
    Column("locale", String),
    Column("external_id", String, unique=True),
    Column("metadata", Json, nullable=False),
    Column("last_sign_in_at", Moment),
    Column("suspended_at", Moment),
    created_column(),
    updated_column(),
    Index("ix_users_created_at_id", "created_at", "id"),
    Index("ix_users_last_sign_in_at_id", "last_sign_in_at", "id"),
    Index(  # the few that are, among all that are not
        "ix_users_suspended",
        "created_at",
        "id",
        sqlite_where=text("suspended_at IS NOT NULL"),
        postgresql_where=text("suspended_at IS NOT NULL"),
    ),
    Index(
        "ix_users_unverified",
        "created_at",
        "id",
        sqlite_where=text("NOT email_verified"),
        postgresql_where=text("NOT email_verified"),
    ),
)

user_terms = Table(  # what a user is found by while somebody types
    "user_terms",
    metadata,
    Column("term", BY_BYTES, primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_user_terms_user_id_term", "user_id", "term"),
    sqlite_with_rowid=False,
)

password_credentials = Table(
    "password_credentials",
    metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("hash", Text, nullable=False),
    updated_column(),
)

identities = Table(
    "identities",
    metadata,
    Column("provider", String, primary_key=True),
    Column("idp_id", String, primary_key=True),
    user_column(),
    created_column(),
)

email_verifications = Table(
    "email_verifications",
    metadata,
    Column("id", String, primary_key=True),
    user_column(),
    Column("email", Text, nullable=False),
    Column("code_sealed", Text, nullable=False),
    Column("code_hash", LargeBinary, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("expires_at", Moment, nullable=False),
    Column("consumed_at", Moment),
    created_column(),
    updated_column(),
)

password_resets = Table(
    "password_resets",
    metadata,
    Column("id", String, primary_key=True),
    user_column(),
    Column("email", Text, nullable=False),
    Column("token_sealed", Text, nullable=False),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("expires_at", Moment, nullable=False),
    Column("consumed_at", Moment),
    created_column(),
)

pending_authentications = Table(
    "pending_authentications",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    user_column(),
    Column("reason", String, nullable=False),  # email_verification | organization_selection
    Column("state", Json, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("consumed_at", Moment),
    created_column(),
)
