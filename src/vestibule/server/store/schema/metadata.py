"""What every table shares: one metadata, and the columns that many have."""

from sqlalchemy import Column, ForeignKey, MetaData

from vestibule.server.store.columns import Moment

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def user_column() -> Column[str]:
    return Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True)


def created_column() -> Column[object]:
    return Column("created_at", Moment, nullable=False)


def updated_column() -> Column[object]:
    return Column("updated_at", Moment, nullable=False)
