"""How the pages look: what an operator chose, and the pictures."""

from sqlalchemy import Column, LargeBinary, String, Table

from vestibule.server.store.columns import Json
from vestibule.server.store.schema.metadata import created_column, metadata, updated_column

branding = Table(
    "branding",
    metadata,
    Column("id", String, primary_key=True),
    Column("choices", Json, nullable=False),  # by the names of the rules; what is not in it is ours
    created_column(),
    updated_column(),
)

branding_pictures = Table(
    "branding_pictures",
    metadata,
    Column("place", String, primary_key=True),  # logo | logo_dark | favicon
    Column("media_type", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("content", LargeBinary, nullable=False),
    created_column(),
    updated_column(),
)
