"""What organizations are found by while somebody types, and the indexes by which their long lists are."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from vestibule.server.store.organization_terms import terms_of

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

AT_ONCE = 1_000
BY_BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "organization_terms",
        sa.Column("term", BY_BYTES, nullable=False),
        sa.Column("organization_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_organization_terms_organization_id_organizations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("term", "organization_id", name=op.f("pk_organization_terms")),
        sqlite_with_rowid=False,
    )
    _write_terms()
    op.create_index(
        "ix_organization_terms_organization_id_term", "organization_terms", ["organization_id", "term"]
    )
    op.create_index("ix_memberships_status", "memberships", ["organization_id", "status", "created_at", "id"])
    op.create_index("ix_memberships_roles", "memberships", ["roles"])
    op.create_index(
        "ix_invitations_organization_id_created_at_id", "invitations", ["organization_id", "created_at", "id"]
    )


def _write_terms() -> None:
    terms = sa.table("organization_terms", sa.column("term"), sa.column("organization_id"))
    domains = sa.table("organization_domains", sa.column("organization_id"), sa.column("domain"))
    for batch in _batches():
        having: dict[str, list[str]] = {}
        of_batch = domains.c.organization_id.in_([each.id for each in batch])
        for row in op.get_bind().execute(sa.select(domains).where(of_batch)):
            having.setdefault(row.organization_id, []).append(row.domain)
        rows = [
            {"term": term, "organization_id": each.id}
            for each in batch
            for term in terms_of(each.name, each.external_id, having.get(each.id, ()))
        ]
        op.get_bind().execute(sa.insert(terms), rows)


def _batches() -> Iterator[list[Any]]:
    """By id, so that they are never all in memory, nor open while others are written."""
    rows = sa.table("organizations", sa.column("id"), sa.column("name"), sa.column("external_id"))
    query, last = sa.select(rows).order_by(rows.c.id).limit(AT_ONCE), None
    while batch := list(op.get_bind().execute(query if last is None else query.where(rows.c.id > last))):
        yield batch
        last = batch[-1].id
