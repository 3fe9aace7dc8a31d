"""What users are found by while somebody types, who is suspended, and whom an event is about."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from vestibule.server.store.columns import Moment

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BY_BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SUSPENDED, UNVERIFIED = sa.text("suspended_at IS NOT NULL"), sa.text("NOT email_verified")
ABOUT_SOMEBODY = sa.text("user_id IS NOT NULL")


def upgrade() -> None:
    op.add_column("users", sa.Column("suspended_at", Moment()))
    op.create_index("ix_users_last_sign_in_at_id", "users", ["last_sign_in_at", "id"])
    _partial("ix_users_suspended", "users", ["created_at", "id"], SUSPENDED)
    _partial("ix_users_unverified", "users", ["created_at", "id"], UNVERIFIED)
    op.create_table(
        "user_terms",
        sa.Column("term", BY_BYTES, nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_terms_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("term", "user_id", name=op.f("pk_user_terms")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_user_terms_user_id_term", "user_terms", ["user_id", "term"])
    op.add_column("events", sa.Column("user_id", sa.String()))
    _partial("ix_events_user_id_position", "events", ["user_id", "position"], ABOUT_SOMEBODY)


def _partial(name: str, table: str, columns: list[str], where: Any) -> None:
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
