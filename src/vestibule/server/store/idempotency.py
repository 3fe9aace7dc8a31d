"""Idempotent requests: who is the first to bring a key, and what the first was answered."""

import datetime as dt
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, select, update

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

    def begin(
        self, key_hash: bytes, *, request_hash: bytes, now: dt.datetime, expires_at: dt.datetime
    ) -> IdempotentRequest | None:
        """None: the key is the caller's, who must `finish` or `abandon` it. Else what the first one left.

        `expires_at` bounds how long a caller that died keeps others waiting.
        """
        statement = insert_into(self._connection, idempotent_requests).values(
            key_hash=key_hash, request_hash=request_hash, expires_at=expires_at, created_at=now
        )
        claim = statement.on_conflict_do_update(
            index_elements=["key_hash"],
            set_={
                "request_hash": request_hash,
                "status": None,
                "answer_sealed": None,
                "expires_at": statement.excluded.expires_at,
                "created_at": statement.excluded.created_at,
            },
            where=idempotent_requests.c.expires_at <= now,
        ).returning(idempotent_requests.c.key_hash)
        if self._connection.execute(claim).one_or_none() is not None:
            return None
        query = select(idempotent_requests).where(idempotent_requests.c.key_hash == key_hash)
        return read_or_none(IdempotentRequest, self._connection.execute(query).one_or_none())

    def finish(
        self,
        key_hash: bytes,
        *,
        request_hash: bytes,
        status: int,
        answer_sealed: str,
        expires_at: dt.datetime,
    ) -> bool:
        statement = (
            update(idempotent_requests)
            .where(
                idempotent_requests.c.key_hash == key_hash,
                idempotent_requests.c.request_hash == request_hash,
                idempotent_requests.c.status.is_(None),
            )
            .values(status=status, answer_sealed=answer_sealed, expires_at=expires_at)
        )
        return self._connection.execute(statement).rowcount == 1

    def abandon(self, key_hash: bytes) -> None:
        """The request failed in a way worth trying again: the key is free."""
        self._connection.execute(
            delete(idempotent_requests).where(
                idempotent_requests.c.key_hash == key_hash, idempotent_requests.c.status.is_(None)
            )
        )

    def purge(self, *, now: dt.datetime) -> int:
        return self._connection.execute(
            delete(idempotent_requests).where(idempotent_requests.c.expires_at <= now)
        ).rowcount
