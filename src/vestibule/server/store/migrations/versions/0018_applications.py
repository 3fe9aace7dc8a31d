"""Applications of others, their secrets, and what people have allowed them."""

import sqlalchemy as sa
from alembic import op

from vestibule.server.store.columns import Json, Moment

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "applications",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("application_type", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text()),
        sa.Column("homepage_url", sa.Text()),
        sa.Column("is_first_party", sa.Boolean(), nullable=False),
        sa.Column("uses_pkce", sa.Boolean(), nullable=False),
        sa.Column("organization_id", sa.String()),
        sa.Column("scopes", Json(), nullable=False),
        sa.Column("redirect_uris", Json(), nullable=False),
        *_moments(),
        sa.PrimaryKeyConstraint("id", name="pk_applications"),
        sa.UniqueConstraint("client_id", name="uq_applications_client_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name="fk_applications_organization_id_organizations",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_applications_organization_id", "applications", ["organization_id"])
    op.create_table(
        "client_secrets",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("application_id", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("secret_hint", sa.String(), nullable=False),
        sa.Column("last_used_at", Moment()),
        *_moments(),
        sa.PrimaryKeyConstraint("id", name="pk_client_secrets"),
        sa.UniqueConstraint("secret_hash", name="uq_client_secrets_secret_hash"),
        _of_application("client_secrets"),
    )
    op.create_index("ix_client_secrets_application_id", "client_secrets", ["application_id"])
    op.create_table(
        "consents",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("application_id", sa.String(), nullable=False),
        sa.Column("scopes", Json(), nullable=False),
        *_moments(),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
        sa.UniqueConstraint("user_id", "application_id", name="uq_consents_user_id_application_id"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_consents_user_id_users", ondelete="CASCADE"
        ),
        _of_application("consents"),
    )
    for column in ("user_id", "application_id"):
        op.create_index(f"ix_consents_{column}", "consents", [column])


def _moments() -> list[sa.Column[object]]:
    return [sa.Column(name, Moment(), nullable=False) for name in ("created_at", "updated_at")]


def _of_application(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["application_id"],
        ["applications.id"],
        name=f"fk_{table}_application_id_applications",
        ondelete="CASCADE",
    )
