"""API keys of users and organizations, and impersonation."""

import sqlalchemy as sa
from alembic import op

from vestibule.server.store.columns import Json, Moment

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _environment_keys()
    _owned_keys()
    _impersonations()


def _environment_keys() -> None:
    op.add_column("api_keys", sa.Column("expires_at", Moment()))


def _owned_keys() -> None:
    op.create_table(
        "owned_api_keys",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("organization_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String()),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("obfuscated_value", sa.String(), nullable=False),
        sa.Column("permissions", Json(), nullable=False),
        sa.Column("expires_at", Moment()),
        sa.Column("last_used_at", Moment()),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_owned_api_keys"),
        sa.UniqueConstraint("key_hash", name="uq_owned_api_keys_key_hash"),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name="fk_owned_api_keys_organization_id_organizations",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_owned_api_keys_user_id_users", ondelete="CASCADE"
        ),
    )
    for column in ("organization_id", "user_id"):
        op.create_index(f"ix_owned_api_keys_{column}", "owned_api_keys", [column])


def _impersonations() -> None:
    op.create_table(
        "impersonations",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("organization_id", sa.String()),
        sa.Column("impersonator_email", sa.Text(), nullable=False),
        sa.Column("impersonator_key", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ends_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary()),
        sa.Column("confirmed_at", Moment()),
        sa.Column("code_issued_at", Moment()),
        sa.Column("session_id", sa.String()),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_impersonations"),
        sa.UniqueConstraint("token_hash", name="uq_impersonations_token_hash"),
    )
    for column in ("user_id", "browser_hash", "impersonator_key"):
        op.create_index(f"ix_impersonations_{column}", "impersonations", [column])
    op.create_index("ix_impersonations_created_at_id", "impersonations", ["created_at", "id"])
    op.add_column("authorization_codes", sa.Column("impersonation_id", sa.String()))
