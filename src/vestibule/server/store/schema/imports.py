"""Files of people that the dashboard takes in, and what was wrong with their rows."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table, Text

from vestibule.server.store.columns import Json, Moment
from vestibule.server.store.schema.metadata import created_column, metadata, updated_column

import_jobs = Table(
    "import_jobs",
    metadata,
    Column("id", String, primary_key=True),
    Column("file_name", Text, nullable=False),
    Column("kind", String, nullable=False),  # csv | json | auth0
    Column("size", Integer, nullable=False),  # of the file, in bytes
    Column("host", String, nullable=False),  # the machine that has the file
    Column("path", Text),  # where; null once it is gone
    Column("dry_run", Boolean, nullable=False),
    Column("actor", Json),  # the operator, for the events
    Column("state", String, nullable=False, index=True),  # waiting | running | done | failed | cancelled
    Column("read", Integer, nullable=False, default=0),  # bytes so far
    Column("rows", Integer, nullable=False, default=0),
    Column("created", Integer, nullable=False, default=0),
    Column("completed", Integer, nullable=False, default=0),
    Column("refused", Integer, nullable=False, default=0),
    Column("error", Text),
    Column("leased_until", Moment),
    Column("finished_at", Moment),
    created_column(),
    updated_column(),
)

import_problems = Table(
    "import_problems",
    metadata,
    Column("job_id", ForeignKey("import_jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("who", Text, nullable=False),
    Column("reason", Text, nullable=False),
)
