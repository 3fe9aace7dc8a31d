"""Sessions of apps: what a sign-in opens, refreshes keep and a sign-out ends."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from vestibule.server.store.rows import Page, Slice, list_page, read, read_or_none
from vestibule.server.store.schema import refresh_tokens, sessions

OF_TOKEN: Final = select(refresh_tokens.c.session_id).where(
    refresh_tokens.c.token_hash == bindparam("presented")
)
# Made once: building them takes SQLAlchemy longer than running them, and each sign-in and refresh needs them.
CREATE: Final = insert(sessions).returning(sessions)
TOUCH_BY_TOKEN: Final = (
    update(sessions)
    .where(
        sessions.c.id == OF_TOKEN.scalar_subquery(),
        sessions.c.client_id == bindparam("client"),
        sessions.c.ended_at.is_(None),
        sessions.c.expires_at > bindparam("moment"),
        or_(sessions.c.idle_at.is_(None), sessions.c.idle_at > bindparam("moment")),
    )
    .values(updated_at=bindparam("moment"), idle_at=bindparam("next_idle_at"))
    .returning(sessions)
)


@dataclass(frozen=True, slots=True)
class Session:
    id: str
    client_id: str
    user_id: str
    organization_id: str | None
    browser_session_id: str | None
    authentication_method: str
    authenticated_at: dt.datetime
    impersonator: dict[str, str | None] | None = field(repr=False)
    scope: str | None
    ip_address: str | None
    user_agent: str | None
    expires_at: dt.datetime
    idle_at: dt.datetime | None
    ended_at: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime
    second_factor: str | None = None

    def status(self, now: dt.datetime) -> str:
        if self.ended_at is not None:
            return "revoked"
        idle = self.idle_at is not None and self.idle_at <= now
        return "expired" if idle or self.expires_at <= now else "active"


class Sessions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> Session:
        return read(Session, self._connection.execute(CREATE, values).one())

    def find(self, session_id: str) -> Session | None:
        query = select(sessions).where(sessions.c.id == session_id)
        return read_or_none(Session, self._connection.execute(query).one_or_none())

    def find_by_token(self, token_hash: bytes) -> Session | None:
        """Of a refresh token of any generation."""
        query = select(sessions).where(sessions.c.id == OF_TOKEN.scalar_subquery())
        row = self._connection.execute(query, {"presented": token_hash}).one_or_none()
        return read_or_none(Session, row)

    def list(self, page: Page, *, user_id: str) -> Slice[Session]:
        return list_page(self._connection, sessions, Session, page, sessions.c.user_id == user_id)

    def list_live(self, user_id: str, *, now: dt.datetime) -> Sequence[Session]:
        """The one that was used last comes first."""
        columns = sessions.c
        query = select(sessions).where(
            columns.user_id == user_id,
            columns.ended_at.is_(None),
            columns.expires_at > now,
            or_(columns.idle_at.is_(None), columns.idle_at > now),
        )
        rows = self._connection.execute(query.order_by(columns.updated_at.desc(), columns.id.desc()))
        return [read(Session, row) for row in rows]

    def touch_by_token(
        self, token_hash: bytes, *, client_id: str, now: dt.datetime, idle_at: dt.datetime | None = None
    ) -> Session | None:
        """The live session a refresh token belongs to, held until the transaction ends: refreshes and the
        sign-out of one session happen one after the other. None when it ended or is another client's.
        `idle_at` is when it ends unless the next refresh comes before."""
        values = {"presented": token_hash, "client": client_id, "moment": now, "next_idle_at": idle_at}
        return read_or_none(Session, self._connection.execute(TOUCH_BY_TOKEN, values).one_or_none())

    def move(self, session_id: str, *, organization_id: str) -> Session:
        statement = (
            update(sessions)
            .where(sessions.c.id == session_id)
            .values(organization_id=organization_id)
            .returning(sessions)
        )
        return read(Session, self._connection.execute(statement).one())

    def adopt(self, browser_session_id: str, successor_id: str) -> None:
        """What the old session led to, the one that takes its place has led to."""
        columns = sessions.c
        self._connection.execute(
            update(sessions)
            .where(columns.browser_session_id == browser_session_id, columns.ended_at.is_(None))
            .values(browser_session_id=successor_id)
        )

    def end(self, session_id: str, *, now: dt.datetime) -> Session | None:
        """None when there is none, or it had ended before."""
        ended = self._end(now, sessions.c.id == session_id)
        return ended[0] if ended else None

    def end_all(
        self, user_id: str, *, now: dt.datetime, but_session_id: str | None = None
    ) -> Sequence[Session]:
        return self._end(now, sessions.c.user_id == user_id, sessions.c.id.is_distinct_from(but_session_id))

    def end_of(self, session_id: str, *, user_id: str, now: dt.datetime) -> Session | None:
        """None for another user's, as for one that has ended."""
        ended = self._end(now, sessions.c.id == session_id, sessions.c.user_id == user_id)
        return ended[0] if ended else None

    def end_elsewhere(self, user_id: str, *, browser_session_id: str, now: dt.datetime) -> Sequence[Session]:
        """All of the user's but those that this browser's session led to."""
        elsewhere = sessions.c.browser_session_id.is_distinct_from(browser_session_id)
        return self._end(now, sessions.c.user_id == user_id, elsewhere)

    def end_of_browser(self, browser_session_id: str, *, now: dt.datetime) -> Sequence[Session]:
        return self._end(now, sessions.c.browser_session_id == browser_session_id)

    def end_member(self, user_id: str, organization_id: str, *, now: dt.datetime) -> Sequence[Session]:
        """Those of the user in that organization."""
        return self._end(now, sessions.c.user_id == user_id, sessions.c.organization_id == organization_id)

    def end_of_client(
        self, client_id: str, *, now: dt.datetime, user_id: str | None = None
    ) -> Sequence[Session]:
        """Those in that application, of everybody or of one user."""
        whose = [] if user_id is None else [sessions.c.user_id == user_id]
        return self._end(now, sessions.c.client_id == client_id, *whose)

    def end_in_organization(self, organization_id: str, *, now: dt.datetime) -> Sequence[Session]:
        return self._end(now, sessions.c.organization_id == organization_id)

    def _end(self, now: dt.datetime, *where: Any) -> Sequence[Session]:
        statement = (
            update(sessions)
            .where(*where, sessions.c.ended_at.is_(None))
            .values(ended_at=now, updated_at=now)
            .returning(sessions)
        )
        return [read(Session, row) for row in self._connection.execute(statement)]

    def purge(self, *, expired_before: dt.datetime) -> None:
        """Takes their refresh tokens along."""
        self._connection.execute(delete(sessions).where(sessions.c.expires_at < expired_before))
