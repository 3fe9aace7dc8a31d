"""Alembic, driven from the program: the migrations travel inside the package.

It is loaded only when there is something to migrate, which a start of the server seldom finds.
"""

import secrets
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import Script

LOCATION: Final = Path(__file__).parent / "migrations"
VERSIONS: Final = "alembic_version"
LOCK: Final = 0x76657374  # any number that only this program would take
CLAIM: Final = "vestibule_filling"
CLAIM_SECONDS: Final = 10
PAUSE: Final = 0.05  # seconds between two steps, for writers of other processes
PATIENCE: Final = 0.5  # seconds until the next look at what another process fills
LOCK_SECONDS: Final = 15  # to wait for a table: everybody else who needs it waits behind


Begin = Callable[[], AbstractContextManager[Connection]]
"""A transaction that writes."""


def upgrade(begin: Begin) -> None:
    """A migration is applied whole, and by one process. Columns for rows that are there already are filled in
    steps, each a transaction of its own: the release before serves meanwhile, and on SQLite its writes wait
    for whoever writes. After a kill another process goes on, or the next start."""
    while True:
        with begin() as connection:
            be_alone(connection)
            script = _apply_up_to_a_filling(connection)
        if script is None:
            return
        _fill(script, begin)


def _fill(script: "Script", begin: Begin) -> None:
    me, after = secrets.token_hex(8), None
    while True:
        with begin() as connection:
            be_alone(connection)
            if revision_of(connection) != script.down_revision:
                return  # another process has done it
            mine = _claim(connection, me)
            after = script.module.fill(connection, after) if mine else None
            if mine and after is None:
                connection.execute(text(f"DROP TABLE {CLAIM}"))
                _apply(connection, script.revision)
                return
        time.sleep(PAUSE if mine else PATIENCE)


def _claim(connection: Connection, me: str) -> bool:
    """One at a time: several that fill would leave the writers of the release before no room on SQLite."""
    now = int(time.time())
    connection.execute(text(f"CREATE TABLE IF NOT EXISTS {CLAIM} (holder VARCHAR(16), until BIGINT)"))
    held = connection.execute(text(f"SELECT holder, until FROM {CLAIM}")).first()  # noqa: S608 - a name of ours
    if held is not None and held.holder != me and held.until > now:
        return False
    connection.execute(text(f"DELETE FROM {CLAIM}"))  # noqa: S608
    claim = text(f"INSERT INTO {CLAIM} VALUES (:me, :until)")  # noqa: S608
    connection.execute(claim, {"me": me, "until": now + CLAIM_SECONDS})
    return True


def be_alone(connection: Connection) -> None:
    """For this transaction: what keeps others waiting ends soon, and what does not may take its time."""
    if connection.dialect.name == "postgresql":
        # Another process may migrate for long, and so may this one. Only what keeps others waiting may not.
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))


def _apply_up_to_a_filling(connection: Connection) -> "Script | None":
    """The next step that fills, or None when all is done."""
    if is_current(connection):
        return None
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(_configuration())
    now = revision_of(connection)
    due = list(reversed(list(scripts.iterate_revisions("head", now or "base"))))
    plain = list(takewhile(lambda each: not hasattr(each.module, "fill"), due))
    if plain:
        _apply(connection, plain[-1].revision)
    return due[len(plain)] if len(due) > len(plain) else None


def _apply(connection: Connection, revision: str) -> None:
    from alembic import command

    configuration = _configuration()
    configuration.attributes["connection"] = connection
    command.upgrade(configuration, revision)


def _configuration() -> "Config":
    from alembic.config import Config

    configuration = Config()
    configuration.set_main_option("script_location", str(LOCATION).replace("%", "%%"))
    configuration.set_main_option("path_separator", "os")
    return configuration


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
