"""Invitations, and the codes that travel by mail: to sign in with, and to move to another address."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from vestibule.server.store.columns import Moment
from vestibule.server.store.schema.metadata import created_column, metadata, updated_column, user_column

invitations = Table(
    "invitations",
    metadata,
    Column("id", String, primary_key=True),
    Column("email", Text, nullable=False),  # as given: the mail goes here
    Column("email_key", Text, nullable=False, index=True),  # canonical: who may accept
    Column("organization_id", ForeignKey("organizations.id", ondelete="CASCADE"), index=True),
    Column("role_slug", String),
    Column("inviter_user_id", ForeignKey("users.id", ondelete="SET NULL"), index=True),
    Column("accepted_user_id", ForeignKey("users.id", ondelete="SET NULL"), index=True),
    Column("locale", String),
    Column("token_sealed", Text, nullable=False),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("expires_at", Moment, nullable=False),
    Column("accepted_at", Moment),
    Column("revoked_at", Moment),
    created_column(),
    updated_column(),
    Index("ix_invitations_created_at_id", "created_at", "id"),
    Index("ix_invitations_organization_id_created_at_id", "organization_id", "created_at", "id"),
)

magic_codes = Table(
    "magic_codes",
    metadata,
    Column("id", String, primary_key=True),
    user_column(),
    Column("email", Text, nullable=False),
    Column("bound_to", LargeBinary),  # the sign-in on the hosted pages that asked; no other can use it
    Column("code_sealed", Text, nullable=False),
    Column("code_hash", LargeBinary, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("consumed_at", Moment),
    created_column(),
    updated_column(),
)

email_changes = Table(
    "email_changes",
    metadata,
    Column("id", String, primary_key=True),
    user_column(),
    Column("email", Text, nullable=False),  # the new one, where the code goes
    Column("code_sealed", Text, nullable=False),
    Column("code_hash", LargeBinary, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("consumed_at", Moment),
    created_column(),
    updated_column(),
)
