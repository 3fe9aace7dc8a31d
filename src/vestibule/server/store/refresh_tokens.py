"""Refresh tokens: a line of generations in which each is used once."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from vestibule.server.store.rows import read
from vestibule.server.store.schema import refresh_tokens as tokens

KEPT_GENERATIONS: Final = 1_000  # three days and a half of refreshing every five minutes
FORGOTTEN_AT_ONCE: Final = 100

# Made once: building a statement takes SQLAlchemy longer than running it, and each refresh needs these.
CREATE: Final = insert(tokens)
ROTATE: Final = (
    update(tokens)
    .where(tokens.c.token_hash == bindparam("presented"), tokens.c.used_at.is_(None))
    .values(
        used_at=bindparam("moment"), successor_hash=bindparam("hash"), successor_sealed=bindparam("sealed")
    )
    .returning(tokens.c.session_id, tokens.c.generation)
)


@dataclass(frozen=True, slots=True)
class UsedToken:
    """A token that was presented again, and what became of its successor."""

    session_id: str
    used_at: dt.datetime
    successor_sealed: str = field(repr=False)
    successor_used_at: dt.datetime | None


class RefreshTokens:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, token_hash: bytes, *, session_id: str, generation: int, now: dt.datetime) -> None:
        values = {"token_hash": token_hash, "session_id": session_id, "generation": generation}
        self._connection.execute(CREATE, values | {"created_at": now})

    def rotate(
        self, token_hash: bytes, *, successor_hash: bytes, successor_sealed: str, now: dt.datetime
    ) -> bool:
        """False when the token was used before: then nothing has changed."""
        values = {"presented": token_hash, "hash": successor_hash, "sealed": successor_sealed, "moment": now}
        row = self._connection.execute(ROTATE, values).one_or_none()
        if row is None:
            return False
        generation = row.generation + 1
        self.create(successor_hash, session_id=row.session_id, generation=generation, now=now)
        if generation % FORGOTTEN_AT_ONCE == 0:
            self._forget(row.session_id, before=generation - KEPT_GENERATIONS)
        return True

    def _forget(self, session_id: str, *, before: int) -> None:
        """Tokens that old are refused as unknown: nobody gets in, but nobody is alarmed either."""
        self._connection.execute(
            delete(tokens).where(tokens.c.session_id == session_id, tokens.c.generation < before)
        )

    def is_unused(self, token_hash: bytes) -> bool:
        query = select(tokens.c.used_at).where(tokens.c.token_hash == token_hash)
        row = self._connection.execute(query).one_or_none()
        return row is not None and row.used_at is None

    def get_used(self, token_hash: bytes) -> UsedToken:
        """For a token of this table that `rotate` found used."""
        successor = tokens.alias("successor")
        query = (
            select(
                tokens.c.session_id,
                tokens.c.used_at,
                tokens.c.successor_sealed,
                successor.c.used_at.label("successor_used_at"),
            )
            .outerjoin(successor, successor.c.token_hash == tokens.c.successor_hash)
            .where(tokens.c.token_hash == token_hash, tokens.c.used_at.is_not(None))
        )
        return read(UsedToken, self._connection.execute(query).one())
