"""What receivers of webhooks answered, and how long it took them."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("webhook_deliveries", sa.Column("last_milliseconds", sa.Integer()))
    op.add_column("webhook_deliveries", sa.Column("last_excerpt", sa.Text()))
