"""Second factors and their challenges: each code counts once, each challenge has five tries."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, literal, or_, select, update

from vestibule.server.store.columns import Moment
from vestibule.server.store.rows import Page, Slice, list_page, read, read_or_none
from vestibule.server.store.schema import authentication_challenges as challenges
from vestibule.server.store.schema import authentication_factors as factors

TRIES: Final = 5


# Made once: building it takes SQLAlchemy longer than running it, and each sign-in needs it.
VERIFIED: Final = (
    select(factors)
    .where(factors.c.user_id == bindparam("user"), factors.c.verified_at.is_not(None))
    .order_by(factors.c.created_at, factors.c.id)
)


@dataclass(frozen=True, slots=True)
class Factor:
    """`verified_at` is None until a code of it was right once: till then it proves nothing."""

    id: str
    user_id: str | None
    type: str
    issuer: str
    account: str
    secret_sealed: str = field(repr=False)
    verified_at: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Challenge:
    id: str
    factor_id: str
    attempts: int
    expires_at: dt.datetime
    verified_at: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime


class Factors:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> Factor:
        statement = insert(factors).values(**values).returning(factors)
        return read(Factor, self._connection.execute(statement).one())

    def find(self, factor_id: str) -> Factor | None:
        query = select(factors).where(factors.c.id == factor_id)
        return read_or_none(Factor, self._connection.execute(query).one_or_none())

    def list(self, page: Page, *, user_id: str) -> Slice[Factor]:
        return list_page(self._connection, factors, Factor, page, factors.c.user_id == user_id)

    def list_verified(self, user_id: str) -> Sequence[Factor]:
        return [read(Factor, row) for row in self._connection.execute(VERIFIED, {"user": user_id})]

    def count(self, user_id: str) -> int:
        query = select(func.count()).where(factors.c.user_id == user_id)
        return int(self._connection.execute(query).scalar_one())

    def use_step(self, factor_id: str, *, step: int, now: dt.datetime) -> bool:
        """One caller gets it. A code of this step or an older one counts no more (RFC 6238 §5.2)."""
        statement = (
            update(factors)
            .where(factors.c.id == factor_id, or_(factors.c.last_step.is_(None), factors.c.last_step < step))
            .values(
                last_step=step,
                verified_at=func.coalesce(factors.c.verified_at, literal(now, Moment())),
                updated_at=now,
            )
        )
        return self._connection.execute(statement).rowcount == 1

    def delete(self, factor_id: str) -> Factor | None:
        statement = delete(factors).where(factors.c.id == factor_id).returning(factors)
        return read_or_none(Factor, self._connection.execute(statement).one_or_none())

    def create_challenge(self, **values: Any) -> Challenge:
        statement = insert(challenges).values(attempts=0, **values).returning(challenges)
        return read(Challenge, self._connection.execute(statement).one())

    def find_challenge(self, challenge_id: str) -> Challenge | None:
        query = select(challenges).where(challenges.c.id == challenge_id)
        return read_or_none(Challenge, self._connection.execute(query).one_or_none())

    def spend_try(self, challenge_id: str, *, now: dt.datetime) -> bool:
        """Before the code is looked at: of any number of parallel guesses, five get through."""
        statement = (
            update(challenges)
            .where(_is_open(challenge_id, now), challenges.c.attempts < TRIES)
            .values(attempts=challenges.c.attempts + 1, updated_at=now)
        )
        return self._connection.execute(statement).rowcount == 1

    def consume_challenge(self, challenge_id: str, *, now: dt.datetime) -> Challenge | None:
        """One caller gets it; everybody else None."""
        statement = (
            update(challenges)
            .where(_is_open(challenge_id, now))
            .values(verified_at=now, updated_at=now)
            .returning(challenges)
        )
        return read_or_none(Challenge, self._connection.execute(statement).one_or_none())

    def purge_challenges(self, *, expired_before: dt.datetime) -> None:
        self._connection.execute(delete(challenges).where(challenges.c.expires_at < expired_before))


def _is_open(challenge_id: str, now: dt.datetime) -> Any:
    return and_(
        challenges.c.id == challenge_id, challenges.c.verified_at.is_(None), challenges.c.expires_at > now
    )
