"""Domains, policies, groups, permissions and feature flags of organizations."""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
