"""The browser's own sessions at this server, found by the digest of their cookie."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, select, update

from vestibule.server.store.rows import read, read_or_none
from vestibule.server.store.schema import browser_sessions


@dataclass(frozen=True, slots=True)
class BrowserSession:
    id: str
    user_id: str
    authentication_method: str
    authenticated_at: dt.datetime
    ip_address: str | None
    user_agent: str | None
    last_seen_at: dt.datetime
    expires_at: dt.datetime
    ended_at: dt.datetime | None
    created_at: dt.datetime
    second_factor: str | None = None


class BrowserSessions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> BrowserSession:
        statement = insert(browser_sessions).values(**values).returning(browser_sessions)
        return read(BrowserSession, self._connection.execute(statement).one())

    def find_live(self, token_hash: bytes, *, now: dt.datetime) -> BrowserSession | None:
        return self._find_live(browser_sessions.c.token_hash == token_hash, now)

    def find_live_by_id(self, session_id: str, *, now: dt.datetime) -> BrowserSession | None:
        return self._find_live(browser_sessions.c.id == session_id, now)

    def _find_live(self, condition: Any, now: dt.datetime) -> BrowserSession | None:
        columns = browser_sessions.c
        query = select(browser_sessions).where(
            condition, columns.ended_at.is_(None), columns.expires_at > now
        )
        return read_or_none(BrowserSession, self._connection.execute(query).one_or_none())

    def list_live(self, user_id: str, *, now: dt.datetime) -> Sequence[BrowserSession]:
        """The one that was seen last comes first."""
        columns = browser_sessions.c
        query = select(browser_sessions).where(
            columns.user_id == user_id, columns.ended_at.is_(None), columns.expires_at > now
        )
        rows = self._connection.execute(query.order_by(columns.last_seen_at.desc(), columns.id.desc()))
        return [read(BrowserSession, row) for row in rows]

    def record_seen(self, session_id: str, *, now: dt.datetime) -> None:
        self._connection.execute(
            update(browser_sessions).where(browser_sessions.c.id == session_id).values(last_seen_at=now)
        )

    def strengthen(
        self, session_id: str, *, token_hash: bytes, second_factor: str, now: dt.datetime
    ) -> BrowserSession | None:
        """A second factor was shown: the session goes on under another token. None when it has ended."""
        columns = browser_sessions.c
        statement = (
            update(browser_sessions)
            .where(columns.id == session_id, columns.ended_at.is_(None), columns.expires_at > now)
            .values(token_hash=token_hash, second_factor=second_factor, last_seen_at=now)
            .returning(browser_sessions)
        )
        return read_or_none(BrowserSession, self._connection.execute(statement).one_or_none())

    def rotate(self, session_id: str, *, token_hash: bytes, now: dt.datetime) -> bool:
        """It goes on under another token. False when it has ended."""
        columns = browser_sessions.c
        statement = (
            update(browser_sessions)
            .where(columns.id == session_id, columns.ended_at.is_(None), columns.expires_at > now)
            .values(token_hash=token_hash, last_seen_at=now)
        )
        return self._connection.execute(statement).rowcount == 1

    def end(self, token_hash: bytes, *, now: dt.datetime) -> BrowserSession | None:
        ended = self._end(browser_sessions.c.token_hash == token_hash, now)
        return ended[0] if ended else None

    def end_by_id(self, session_id: str, *, now: dt.datetime) -> None:
        self._end(browser_sessions.c.id == session_id, now)

    def end_of(self, session_id: str, *, user_id: str, now: dt.datetime) -> BrowserSession | None:
        """None for another user's, as for one that has ended."""
        columns = browser_sessions.c
        ended = self._end(and_(columns.id == session_id, columns.user_id == user_id), now)
        return ended[0] if ended else None

    def end_all(
        self, user_id: str, *, now: dt.datetime, but_session_id: str | None = None
    ) -> Sequence[BrowserSession]:
        columns = browser_sessions.c
        return self._end(and_(columns.user_id == user_id, columns.id.is_distinct_from(but_session_id)), now)

    def _end(self, condition: Any, now: dt.datetime) -> Sequence[BrowserSession]:
        statement = (
            update(browser_sessions)
            .where(condition, browser_sessions.c.ended_at.is_(None))
            .values(ended_at=now)
            .returning(browser_sessions)
        )
        return [read(BrowserSession, row) for row in self._connection.execute(statement)]

    def purge(self, *, expired_before: dt.datetime) -> None:
        self._connection.execute(
            delete(browser_sessions).where(browser_sessions.c.expires_at < expired_before)
        )
