"""Every table as lines of JSON, and back: how data moves between databases, and out of Vestibule.

What is under way (sign-ins, sessions, codes, mails) stays behind; a backup has that. Secrets leave only when
asked for: hashes as they are; what is sealed, opened, to be sealed anew under the secret of the other side.
"""

import base64
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

from sqlalchemy import Boolean, Column, Connection, LargeBinary, Table, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from vestibule.server.store.columns import Moment
from vestibule.server.store.events import actor_of, reason_of, subject_of
from vestibule.server.store.migration import revision_of
from vestibule.server.store.organization_terms import set_terms
from vestibule.server.store.schema import events, metadata, users
from vestibule.server.store.store import Store
from vestibule.server.store.upsert import insert_into
from vestibule.server.store.user_terms import add_terms

Row: TypeAlias = dict[str, Any]
Line: TypeAlias = dict[str, Any]
Open: TypeAlias = Callable[[str], Any]
Seal: TypeAlias = Callable[[Any], str]

LEFT_BEHIND: Final = frozenset(
    {
        "authentication_challenges",
        "authorization_codes",
        "browser_sessions",
        "device_codes",
        "email_changes",
        "email_verifications",
        "idempotent_requests",
        "import_jobs",
        "import_problems",
        "logins",
        "magic_codes",
        "mails",
        "organization_terms",
        "passkey_challenges",
        "password_resets",
        "pending_authentications",
        "rate_windows",
        "refresh_tokens",
        "sessions",
        "user_terms",
        "webhook_deliveries",
    }
)
"""Lives for minutes, or only in the browsers it was made for; or is made anew of what it was made of."""
NAMES_OF_ORGANIZATIONS: Final = {"organizations": "id", "organization_domains": "organization_id"}
"""Where the organization stands in tables that say by what it is found."""
NUMBERED_BY_THE_DATABASE: Final = {"events": "position"}
UP_TO_THE_NEWEST_EVENT: Final = {"webhook_endpoints": "position"}
"""Numbers of events, which are others on the other side. What happens there from then on is told."""
AT_ONCE: Final = 500


class Refused(Exception):
    """This row cannot be put in; the others can."""


def tables() -> Sequence[Table]:
    """In an order in which a row comes after those it points to."""
    return [table for table in metadata.sorted_tables if table.name not in LEFT_BEHIND]


def secret_columns(table: Table) -> Sequence[str]:
    return [column.name for column in table.columns if _is_secret(column.name)]


def needs_secrets(table: Table) -> bool:
    """Without them its rows can be looked at, but not put into another database."""
    return any(not table.columns[name].nullable for name in secret_columns(table))


def _is_secret(name: str) -> bool:
    return name == "hash" or name.endswith(("_hash", "_sealed"))


class Snapshot:
    """One consistent moment of a database, read table by table."""

    def __init__(self, connection: Connection, *, unseal: Open | None) -> None:
        self._connection = connection
        self._unseal = unseal

    @property
    def revision(self) -> str | None:
        """Of the schema."""
        return revision_of(self._connection)

    def lines(self, table: Table) -> Iterator[Line]:
        columns = [column for column in table.columns if self._unseal or not _is_secret(column.name)]
        order = [*table.primary_key.columns]
        if NUMBERED_BY_THE_DATABASE.get(table.name):
            columns = [column for column in columns if column.name != NUMBERED_BY_THE_DATABASE[table.name]]
        query = select(*columns).order_by(*order).execution_options(yield_per=AT_ONCE)
        for row in self._connection.execute(query):
            yield {column.name: self._shown(column, row[place]) for place, column in enumerate(columns)}

    def _shown(self, column: Column[Any], value: Any) -> Any:
        if value is None:
            return None
        if column.name.endswith("_sealed") and self._unseal is not None:
            return self._unseal(value)
        if isinstance(column.type, LargeBinary):
            return base64.b64encode(value).decode("ascii")
        return _stamp(value) if isinstance(column.type, Moment) else value


@contextmanager
def snapshot(store: Store, *, unseal: Open | None) -> Iterator[Snapshot]:
    """`unseal` opens what is sealed; without it, no secret is in the lines."""
    with store.read() as tx:
        if tx.connection.dialect.name == "postgresql":
            tx.connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        yield Snapshot(tx.connection, unseal=unseal)


def put(connection: Connection, table: Table, line: Mapping[str, Any], *, seal: Seal) -> bool:
    """False when the row, or another with what is unique in it, is there. Raises Refused."""
    row = _row(table, line, seal)
    if table.name in UP_TO_THE_NEWEST_EVENT:
        newest = select(func.coalesce(func.max(events.c.position), 0)).scalar_subquery()
        row[UP_TO_THE_NEWEST_EVENT[table.name]] = newest
    if table is events and "user_id" not in row:  # exported before events said whom they are about
        row["user_id"] = subject_of(row["event"], row["data"])
    if table is events and "reason" not in row:  # the same
        row |= {"reason": reason_of(row["event"], row["data"]), "actor_id": actor_of(row.get("context"))}
    statement = insert_into(connection, table).values(**row).on_conflict_do_nothing()
    try:
        with connection.begin_nested():
            made = connection.execute(statement.returning(*table.primary_key)).first() is not None
            if made and table is users:
                add_terms(connection, [(row["id"], row)])
            if made and table.name in NAMES_OF_ORGANIZATIONS:
                set_terms(connection, row[NAMES_OF_ORGANIZATIONS[table.name]])
            return made
    except SQLAlchemyError as error:
        raise Refused(_reason(error)) from None
    except (ValueError, OverflowError):  # of a driver: a number no column holds, or half of a character
        raise Refused("it holds what no column of the database can") from None


def _row(table: Table, line: Mapping[str, Any], seal: Seal) -> Row:
    unknown = sorted(set(line) - set(table.columns.keys()))
    if unknown:
        raise Refused(f"{table.name} has no column {unknown[0][:100]!r}")
    lacking = [
        column.name for column in table.columns if _is_needed(column) and line.get(column.name) is None
    ]
    if lacking:
        raise Refused(f"{table.name} needs {lacking[0]}")
    try:
        return {name: _read(table.columns[name], value, seal) for name, value in line.items()}
    except (ValueError, TypeError) as error:
        raise Refused(str(error)[:200]) from None


def _is_needed(column: Column[Any]) -> bool:
    if column.nullable or column.default is not None or column.server_default is not None:
        return False
    return NUMBERED_BY_THE_DATABASE.get(column.table.name) != column.name


def _read(column: Column[Any], value: Any, seal: Seal) -> Any:
    if value is None:
        return None
    if column.name.endswith("_sealed"):
        return seal(value)
    if isinstance(column.type, LargeBinary):
        return base64.b64decode(value, validate=True)
    if isinstance(column.type, Moment):
        return dt.datetime.fromisoformat(value)
    if isinstance(column.type, Boolean) and not isinstance(value, bool):
        raise ValueError(f"{column.name} must be true or false")
    return value


def _stamp(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _reason(error: SQLAlchemyError) -> str:
    """The database's own first line; values are kept out of it by `hide_parameters`."""
    original = getattr(error, "orig", None) or error
    diagnosis = getattr(original, "diag", None)
    primary = getattr(diagnosis, "message_primary", None)
    return str(primary or original).partition("\n")[0][:200]
