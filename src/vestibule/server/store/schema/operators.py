"""Who runs this server, and the links by which somebody becomes one of them."""

from sqlalchemy import Column, ForeignKey, LargeBinary, String, Table, Text

from vestibule.server.store.columns import Moment
from vestibule.server.store.schema.metadata import created_column, metadata, updated_column

operators = Table(
    "operators",
    metadata,
    Column("id", String, primary_key=True),
    Column("email", Text, nullable=False),
    Column("email_key", Text, nullable=False, unique=True),  # canonical, as users.email_key
    # NULL until somebody with this address signs in; then it is theirs, whatever their address becomes
    Column("user_id", ForeignKey("users.id", ondelete="SET NULL"), unique=True),
    Column("role", String, nullable=False),  # owner | admin | support | auditor
    Column("last_seen_at", Moment),
    created_column(),
    updated_column(),
)

setup_links = Table(  # the first owner's: printed in the terminal, for whoever sits there
    "setup_links",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("expires_at", Moment, nullable=False),
    created_column(),
)
