"""Indexes by which long lists of organizations and members, and the few mails that wait, are found."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WAITING = sa.text("sent_at IS NULL AND failed_at IS NULL")


def upgrade() -> None:
    op.create_index("ix_organizations_created_at_id", "organizations", ["created_at", "id"])
    op.create_index(
        "ix_memberships_organization_id_created_at_id", "memberships", ["organization_id", "created_at", "id"]
    )
    op.create_index(
        "ix_mails_waiting", "mails", ["due_at", "id"], sqlite_where=WAITING, postgresql_where=WAITING
    )
