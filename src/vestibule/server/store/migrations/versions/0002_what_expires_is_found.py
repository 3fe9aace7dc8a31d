"""Indexes by which what has expired is found, however much there is."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("authorization_codes", "browser_sessions", "logins", "sessions")


def upgrade() -> None:
    for table in TABLES:
        op.create_index(op.f(f"ix_{table}_expires_at"), table, ["expires_at"], unique=False)
