"""E-mail verifications: a code that was mailed, the tries it has left, and whether it was used."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update

from vestibule.server.store.rows import read, read_or_none
from vestibule.server.store.schema import email_verifications

TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class StoredVerification:
    id: str
    user_id: str
    email: str
    code_sealed: str = field(repr=False)
    code_hash: bytes = field(repr=False)
    attempts: int
    expires_at: dt.datetime
    consumed_at: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime


class Verifications:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> StoredVerification:
        statement = insert(email_verifications).values(attempts=0, **values).returning(email_verifications)
        return read(StoredVerification, self._connection.execute(statement).one())

    def find(self, verification_id: str) -> StoredVerification | None:
        query = select(email_verifications).where(email_verifications.c.id == verification_id)
        return read_or_none(StoredVerification, self._connection.execute(query).one_or_none())

    def find_newest(self, user_id: str) -> StoredVerification | None:
        query = (
            select(email_verifications)
            .where(email_verifications.c.user_id == user_id)
            # Not by creation: of two made in one millisecond, the one that was ended expires first.
            .order_by(email_verifications.c.expires_at.desc(), email_verifications.c.id.desc())
            .limit(1)
        )
        return read_or_none(StoredVerification, self._connection.execute(query).one_or_none())

    def spend_try(self, verification_id: str, *, now: dt.datetime) -> bool:
        """Before the code is looked at: of any number of parallel guesses, five get through."""
        statement = (
            update(email_verifications)
            .where(
                email_verifications.c.id == verification_id,
                _is_live(now),
                email_verifications.c.attempts < TRIES,
            )
            .values(attempts=email_verifications.c.attempts + 1, updated_at=now)
        )
        return self._connection.execute(statement).rowcount == 1

    def consume(self, verification_id: str, *, now: dt.datetime) -> bool:
        """True once, for the one who used it."""
        statement = (
            update(email_verifications)
            .where(
                email_verifications.c.id == verification_id,
                _is_live(now),
            )
            .values(consumed_at=now, updated_at=now)
        )
        return self._connection.execute(statement).rowcount == 1

    def expire_all(self, user_id: str, *, now: dt.datetime) -> int:
        """A new code, or a new address, ends every code that is still out."""
        statement = (
            update(email_verifications)
            .where(
                email_verifications.c.user_id == user_id,
                _is_live(now),
            )
            .values(expires_at=now, updated_at=now)
        )
        return self._connection.execute(statement).rowcount

    def purge(self, *, expired_before: dt.datetime) -> int:
        statement = delete(email_verifications).where(email_verifications.c.expires_at < expired_before)
        return self._connection.execute(statement).rowcount


def _is_live(now: dt.datetime) -> ColumnElement[bool]:
    return and_(email_verifications.c.consumed_at.is_(None), email_verifications.c.expires_at > now)
