"""Alembic, driven from the program: the migrations travel inside the package.

It is loaded only when there is something to migrate, which a start of the server seldom finds.
"""

from functools import cache
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

LOCATION: Final = Path(__file__).parent / "migrations"
VERSIONS: Final = "alembic_version"
LOCK: Final = 0x76657374  # any number that only this program would take
LOCK_SECONDS: Final = 15  # to wait for a table: everybody else who needs it waits behind


def upgrade(connection: Connection) -> None:
    """Inside the caller's transaction: a migration is applied whole, and by one process."""
    if connection.dialect.name == "postgresql":
        # Another process may migrate for long, and so may this one. Only what keeps others waiting may not.
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
    if is_current(connection):
        return
    from alembic import command
    from alembic.config import Config

    configuration = Config()
    configuration.set_main_option("script_location", str(LOCATION).replace("%", "%%"))
    configuration.set_main_option("path_separator", "os")
    configuration.attributes["connection"] = connection
    command.upgrade(configuration, "head")


def create_schema(connection: Connection) -> None:
    """An empty database as `upgrade` leaves it, without the way there."""
    from vestibule.server.store.schema import metadata

    metadata.create_all(connection)
    connection.execute(text(f"CREATE TABLE {VERSIONS} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    stamp = text(f"INSERT INTO {VERSIONS} VALUES (:revision)")  # noqa: S608 - a name of ours
    connection.execute(stamp, {"revision": newest_revision()})


def is_current(connection: Connection) -> bool:
    return revision_of(connection) == newest_revision()


def revision_of(connection: Connection) -> str | None:
    """The migration that this database has seen last; None for one without tables."""
    if not inspect(connection).has_table(VERSIONS):
        return None
    found: str | None = connection.execute(text(f"SELECT version_num FROM {VERSIONS}")).scalar_one_or_none()  # noqa: S608
    return found


@cache
def newest_revision() -> str:
    """Its file is named after it; they travel with the program, so they are looked at once."""
    return max(path.name.partition("_")[0] for path in (LOCATION / "versions").glob("[0-9]*.py"))
