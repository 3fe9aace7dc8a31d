"""Idempotent requests: who is the first to bring a key, and what the first was answered."""

import datetime as dt
from dataclasses import dataclass, field

from sqlalchemy import Connection, and_, delete, or_, select, update

from vestibule.server.store.rows import read_or_none
from vestibule.server.store.schema import idempotent_requests
from vestibule.server.store.upsert import insert_into


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """`status` None: the first request with this key is still being answered."""

    request_hash: bytes
    status: int | None
    answer_sealed: str | None = field(repr=False)
    expires_at: dt.datetime
    created_at: dt.datetime


class IdempotentRequests:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def claim(
        self,
        key_hash: bytes,
        request_hash: bytes,
        *,
        now: dt.datetime,
        expires_at: dt.datetime,
        takeover_before: dt.datetime,
    ) -> IdempotentRequest | None:
        """None: the key is the caller's, who must `complete` or `release` it. Else what the first one left.

        A key is taken over when it expired, and when it was claimed before `takeover_before` by somebody who
        never answered.
        """
        statement = insert_into(self._connection, idempotent_requests).values(
            key_hash=key_hash, request_hash=request_hash, expires_at=expires_at, created_at=now
        )
        unfinished = idempotent_requests.c.status.is_(None)
        abandoned = and_(unfinished, idempotent_requests.c.created_at < takeover_before)
        claimed = statement.on_conflict_do_update(
            index_elements=["key_hash"],
            set_={
                "request_hash": statement.excluded.request_hash,
                "status": None,
                "answer_sealed": None,
                "expires_at": statement.excluded.expires_at,
                "created_at": statement.excluded.created_at,
            },
            where=or_(idempotent_requests.c.expires_at <= now, abandoned),
        ).returning(idempotent_requests.c.key_hash)
        if self._connection.execute(claimed).one_or_none() is not None:
            return None
        query = select(idempotent_requests).where(idempotent_requests.c.key_hash == key_hash)
        return read_or_none(IdempotentRequest, self._connection.execute(query).one_or_none())

    def complete(self, key_hash: bytes, *, status: int, answer_sealed: str, expires_at: dt.datetime) -> bool:
        """False when somebody else, having taken the key over, answered first."""
        statement = (
            update(idempotent_requests)
            .where(idempotent_requests.c.key_hash == key_hash, idempotent_requests.c.status.is_(None))
            .values(status=status, answer_sealed=answer_sealed, expires_at=expires_at)
        )
        return self._connection.execute(statement).rowcount == 1

    def release(self, key_hash: bytes) -> None:
        """The request failed in a way worth trying again: the key is free."""
        self._connection.execute(
            delete(idempotent_requests).where(
                idempotent_requests.c.key_hash == key_hash, idempotent_requests.c.status.is_(None)
            )
        )

    def purge(self, now: dt.datetime) -> int:
        return self._connection.execute(
            delete(idempotent_requests).where(idempotent_requests.c.expires_at <= now)
        ).rowcount
