"""INSERT … ON CONFLICT, which both databases know and SQLAlchemy spells once for each."""

from typing import TYPE_CHECKING, Any, Union

from sqlalchemy import Connection, Table, TableClause
from sqlalchemy.dialects import sqlite

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql


def insert_into(connection: Connection, table: TableClause) -> Union["postgresql.Insert", sqlite.Insert]:
    return insert_for(connection.dialect.name, table)


def insert_for(dialect: str, table: TableClause) -> Union["postgresql.Insert", sqlite.Insert]:
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # loaded then, and a server on SQLite can do without

        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_unless_exists(connection: Connection, table: Table, **values: Any) -> bool:
    """False when a row with the same id, or the same of anything else that is unique, was there before."""
    statement = insert_into(connection, table).values(**values).on_conflict_do_nothing()
    return connection.execute(statement.returning(*table.primary_key)).first() is not None
