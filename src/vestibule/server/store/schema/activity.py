"""What the dashboard counts."""

from sqlalchemy import Column, Integer, String, Table

from vestibule.server.store.schema.metadata import metadata

activity_days = Table(  # of days that are over: nothing of them changes any more
    "activity_days",
    metadata,
    Column("day", String, primary_key=True),  # 2027-01-15, by UTC
    Column("kind", String, primary_key=True),
    Column("detail", String, primary_key=True),  # '' for those without
    Column("number", Integer, nullable=False),
)
