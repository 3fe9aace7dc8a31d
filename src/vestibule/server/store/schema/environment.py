"""The environment: one row, and what it is configured with."""

from sqlalchemy import Boolean, Column, LargeBinary, String, Table, Text, UniqueConstraint

from vestibule.server.store.columns import Json, Moment
from vestibule.server.store.schema.metadata import created_column, metadata, updated_column

environment = Table(
    "environment",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),  # staging | production
    Column("client_id", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("sign_out_redirect", Text),
    Column("app_homepage_url", Text),
    Column("initiate_login_url", Text),
    created_column(),
    updated_column(),
)

redirect_uris = Table(
    "redirect_uris",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),  # callback | sign_out
    Column("uri", Text, nullable=False),
    Column("is_default", Boolean, nullable=False, default=False),
    created_column(),
    updated_column(),
    UniqueConstraint("kind", "uri"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("key_hash", LargeBinary, nullable=False, unique=True),
    Column("hint", String, nullable=False),  # the last four characters
    Column("last_used_at", Moment),
    Column("revoked_at", Moment),
    Column("expires_at", Moment),  # when another one took its place
    created_column(),
)

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("kid", String, primary_key=True),
    Column("private_sealed", Text, nullable=False),
    Column("public_jwk", Json, nullable=False),  # with x5c and x5t#S256
    Column("signs_from", Moment, nullable=False),  # published before it is used
    Column("signs_until", Moment),
    Column("published_until", Moment),
    created_column(),
)
