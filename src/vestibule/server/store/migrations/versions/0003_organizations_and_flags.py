"""Permissions as objects; domains, domain policies and entitlements of organizations."""

import secrets

import sqlalchemy as sa
from alembic import op

from vestibule.server.store.columns import Json, Moment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def upgrade() -> None:
    _add_permissions()
    _add_domains()
    _add_to_organizations()


def _add_permissions() -> None:
    """`role_permissions` stays the link, by slug, which never changes: the release before this one can go on
    reading and writing it."""
    permissions = op.create_table(
        "permissions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("system", sa.Boolean(), nullable=False),
        sa.Column("resource_type_slug", sa.String(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_permissions")),
        sa.UniqueConstraint("slug", name=op.f("uq_permissions_slug")),
    )
    op.create_index("ix_permissions_created_at_id", "permissions", ["created_at", "id"])
    op.create_index(op.f("ix_role_permissions_permission"), "role_permissions", ["permission"])
    used = sa.table("role_permissions", sa.column("role_id"), sa.column("permission"))
    roles = sa.table("roles", sa.column("id"), sa.column("created_at", Moment()))
    query = (
        sa.select(used.c.permission, sa.func.min(roles.c.created_at).label("created_at"))
        .join_from(used, roles, roles.c.id == used.c.role_id)
        .group_by(used.c.permission)
        .order_by(used.c.permission)
    )
    rows = [
        {
            "id": "perm_0" + "".join(secrets.choice(ALPHABET) for _ in range(25)),
            "slug": row.permission,
            "name": row.permission,
            "description": None,
            "system": False,
            "resource_type_slug": "organization",
            "created_at": row.created_at,
            "updated_at": row.created_at,
        }
        for row in op.get_bind().execute(query)
    ]
    if rows:
        op.bulk_insert(permissions, rows)


def _add_domains() -> None:
    op.create_table(
        "organization_domains",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("organization_id", sa.String(), nullable=False),
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("verification_strategy", sa.String(), nullable=False),
        sa.Column("verification_prefix", sa.String(), nullable=False),
        sa.Column("verification_token", sa.String(), nullable=False),
        sa.Column("verify_until", Moment(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_organization_domains_organization_id_organizations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization_domains")),
        sa.UniqueConstraint(
            "organization_id", "domain", name=op.f("uq_organization_domains_organization_id_domain")
        ),
    )
    op.create_index(op.f("ix_organization_domains_domain"), "organization_domains", ["domain"])
    op.create_index(
        "uq_organization_domains_verified",
        "organization_domains",
        ["domain"],
        unique=True,
        sqlite_where=sa.text("state = 'verified'"),
        postgresql_where=sa.text("state = 'verified'"),
    )


def _add_to_organizations() -> None:
    for name, default in (
        ("allow_profiles_outside_organization", sa.true()),
        ("domain_auto_join", sa.false()),
        ("domain_capture", sa.false()),
    ):
        op.add_column("organizations", sa.Column(name, sa.Boolean(), nullable=False, server_default=default))
    op.add_column(
        "organizations", sa.Column("entitlements", Json(), nullable=False, server_default=sa.text("'[]'"))
    )
