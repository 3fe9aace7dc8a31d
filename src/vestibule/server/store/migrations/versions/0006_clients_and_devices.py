"""CORS origins, the JWT template, device codes and what browsers refresh with."""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
