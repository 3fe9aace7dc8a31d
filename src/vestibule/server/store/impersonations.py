"""Sign-ins in the name of somebody else: who asked for them, why, and what came of it."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, exists, insert, select, update

from vestibule.server.store.rows import Page, Slice, list_page, read, read_or_none
from vestibule.server.store.schema import impersonations as rows


@dataclass(frozen=True, slots=True)
class Impersonation:
    """`ends_at` is when whatever comes of it ends, at the latest."""

    id: str
    user_id: str
    organization_id: str | None
    impersonator_email: str
    reason: str = field(repr=False)
    ends_at: dt.datetime
    expires_at: dt.datetime
    confirmed_at: dt.datetime | None
    code_issued_at: dt.datetime | None
    session_id: str | None
    created_at: dt.datetime


class Impersonations:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> Impersonation:
        statement = insert(rows).values(**values).returning(rows)
        return read(Impersonation, self._connection.execute(statement).one())

    def get(self, impersonation_id: str) -> Impersonation:
        query = select(rows).where(rows.c.id == impersonation_id)
        return read(Impersonation, self._connection.execute(query).one())

    def find_unused(self, token_hash: bytes, *, now: dt.datetime) -> Impersonation | None:
        query = select(rows).where(
            rows.c.token_hash == token_hash, rows.c.confirmed_at.is_(None), rows.c.expires_at > now
        )
        return read_or_none(Impersonation, self._connection.execute(query).one_or_none())

    def confirm(
        self, token_hash: bytes, *, browser_hash: bytes, expires_at: dt.datetime, now: dt.datetime
    ) -> Impersonation | None:
        """One browser gets it; everybody else None."""
        statement = (
            update(rows)
            .where(rows.c.token_hash == token_hash, rows.c.confirmed_at.is_(None), rows.c.expires_at > now)
            .values(confirmed_at=now, browser_hash=browser_hash, expires_at=expires_at)
            .returning(rows)
        )
        return read_or_none(Impersonation, self._connection.execute(statement).one_or_none())

    def find_confirmed(self, browser_hash: bytes, *, now: dt.datetime) -> Impersonation | None:
        """The newest that this browser may still take through the app."""
        query = (
            select(rows)
            .where(
                rows.c.browser_hash == browser_hash, rows.c.code_issued_at.is_(None), rows.c.expires_at > now
            )
            .order_by(rows.c.confirmed_at.desc(), rows.c.id.desc())
            .limit(1)
        )
        return read_or_none(Impersonation, self._connection.execute(query).one_or_none())

    def note_code(self, impersonation_id: str, *, now: dt.datetime) -> bool:
        """False when one was issued before."""
        statement = (
            update(rows)
            .where(rows.c.id == impersonation_id, rows.c.code_issued_at.is_(None))
            .values(code_issued_at=now)
            .returning(rows.c.id)
        )
        return self._connection.execute(statement).first() is not None

    def note_session(self, impersonation_id: str, session_id: str) -> None:
        statement = update(rows).where(rows.c.id == impersonation_id).values(session_id=session_id)
        self._connection.execute(statement)

    def has_impersonated(self, impersonator_key: str) -> bool:
        query = select(exists().where(rows.c.impersonator_key == impersonator_key))
        return bool(self._connection.execute(query).scalar_one())

    def list(self, page: Page, *, user_id: str | None = None) -> Slice[Impersonation]:
        where = [] if user_id is None else [rows.c.user_id == user_id]
        return list_page(self._connection, rows, Impersonation, page, *where)
