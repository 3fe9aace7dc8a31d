"""Sign-ins under way on the hosted pages."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from vestibule.server.store.rows import read, read_or_none
from vestibule.server.store.schema import logins

# Made once: each page of a sign-in asks.
STILL_GOOD: Final = select(logins).where(
    logins.c.id_hash == bindparam("id_hash"),
    logins.c.browser_hash == bindparam("browser_hash"),
    logins.c.expires_at > bindparam("now"),
)


@dataclass(frozen=True, slots=True)
class LoginRow:
    """`request` is the checked authorize request, {} when no app began it; `progress` the steps done."""

    id_hash: bytes = field(repr=False)
    request: dict[str, Any] = field(repr=False)
    user_id: str | None
    progress: dict[str, Any] = field(repr=False)
    expires_at: dt.datetime
    finished_at: dt.datetime | None
    created_at: dt.datetime


class Logins:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> LoginRow:
        return read(
            LoginRow, self._connection.execute(insert(logins).values(**values).returning(logins)).one()
        )

    def find(self, id_hash: bytes, *, browser_hash: bytes, now: dt.datetime) -> LoginRow | None:
        """Finished ones too; never an expired one, never another browser's."""
        values = {"id_hash": id_hash, "browser_hash": browser_hash, "now": now}
        return read_or_none(LoginRow, self._connection.execute(STILL_GOOD, values).one_or_none())

    def update(self, id_hash: bytes, **values: Any) -> LoginRow | None:
        """None once it is finished."""
        return self._update(id_hash, **values)

    def update_of(self, id_hash: bytes, user_id: str | None, **values: Any) -> LoginRow | None:
        """None also when somebody else has signed in meanwhile: what one has proven is not the other's."""
        return self._update(id_hash, or_(logins.c.user_id.is_(None), logins.c.user_id == user_id), **values)

    def finish(self, id_hash: bytes, *, now: dt.datetime) -> LoginRow | None:
        """One caller gets it; everybody else None."""
        return self._update(id_hash, finished_at=now)

    def _update(self, id_hash: bytes, *where: Any, **values: Any) -> LoginRow | None:
        statement = (
            update(logins)
            .where(logins.c.id_hash == id_hash, logins.c.finished_at.is_(None), *where)
            .values(**values)
            .returning(logins)
        )
        return read_or_none(LoginRow, self._connection.execute(statement).one_or_none())

    def delete_unfinished(self, user_id: str) -> None:
        """A password that was right a moment ago must not outlive the reason why all sessions were ended."""
        condition = logins.c.user_id == user_id
        self._connection.execute(delete(logins).where(condition, logins.c.finished_at.is_(None)))

    def purge(self, *, expired_before: dt.datetime) -> None:
        self._connection.execute(delete(logins).where(logins.c.expires_at < expired_before))
