"""CORS origins, the JWT template, device codes and what browsers refresh with."""

import sqlalchemy as sa
from alembic import op

from vestibule.server.store.columns import Moment

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cors_origins",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cors_origins")),
        sa.UniqueConstraint("origin", name=op.f("uq_cors_origins_origin")),
    )
    op.create_table(
        "jwt_templates",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jwt_templates")),
    )
    op.create_table(
        "device_codes",
        sa.Column("device_code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=True),
        sa.Column("ip_address", sa.String(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("poll_seconds", sa.Integer(), nullable=False),
        sa.Column("polled_at", Moment(), nullable=True),
        sa.Column("polled_too_soon", sa.Boolean(), nullable=False),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("user_id", sa.String(), nullable=True),
        sa.Column("organization_id", sa.String(), nullable=True),
        sa.Column("authentication_method", sa.String(), nullable=True),
        sa.Column("second_factor", sa.String(), nullable=True),
        sa.Column("authenticated_at", Moment(), nullable=True),
        sa.Column("browser_session_id", sa.String(), nullable=True),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("consumed_at", Moment(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_device_codes_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("device_code_hash", name=op.f("pk_device_codes")),
        sa.UniqueConstraint("user_code_hash", name=op.f("uq_device_codes_user_code_hash")),
    )
    op.create_index(op.f("ix_device_codes_user_id"), "device_codes", ["user_id"], unique=False)
    op.create_index(op.f("ix_device_codes_expires_at"), "device_codes", ["expires_at"], unique=False)
    # Null in sessions of the release before this one: those end at their absolute limit only.
    op.add_column("sessions", sa.Column("idle_at", Moment(), nullable=True))
    op.create_index(op.f("ix_sessions_ended_at"), "sessions", ["ended_at"], unique=False)
