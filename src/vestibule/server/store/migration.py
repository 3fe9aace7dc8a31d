"""Alembic, driven from the program: the migrations travel inside the package."""

from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

LOCATION: Final = Path(__file__).parent / "migrations"
LOCK: Final = 0x76657374  # any number that only this program would take


def upgrade(connection: Connection) -> None:
    """Inside the caller's transaction: a migration is applied whole, and by one process."""
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SET LOCAL statement_timeout = 0")
        )  # an index over millions of rows takes its time
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    configuration = _configuration()
    configuration.attributes["connection"] = connection
    command.upgrade(configuration, "head")


def is_current(connection: Connection) -> bool:
    return set(MigrationContext.configure(connection).get_current_heads()) == _heads()


@cache
def _heads() -> frozenset[str]:
    """They travel with the program, so they are read once."""
    return frozenset(ScriptDirectory.from_config(_configuration()).get_heads())


def _configuration() -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(LOCATION).replace("%", "%%"))
    configuration.set_main_option("path_separator", "os")
    return configuration
