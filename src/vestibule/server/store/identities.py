"""Identities: which account at another provider belongs to which user. The key is provider and subject."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from vestibule.server.store.rows import read, read_or_none
from vestibule.server.store.schema import identities
from vestibule.server.store.upsert import insert_into


@dataclass(frozen=True, slots=True)
class ProviderIdentity:
    provider: str
    idp_id: str
    user_id: str
    created_at: dt.datetime


class Identities:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, *, provider: str, idp_id: str, user_id: str, now: dt.datetime) -> bool:
        """False when this account is linked already, to whomever."""
        statement = insert_into(self._connection, identities).values(
            provider=provider, idp_id=idp_id, user_id=user_id, created_at=now
        )
        result = self._connection.execute(statement.on_conflict_do_nothing().returning(identities.c.idp_id))
        return result.one_or_none() is not None

    def find(self, *, provider: str, idp_id: str) -> ProviderIdentity | None:
        query = select(identities).where(identities.c.provider == provider, identities.c.idp_id == idp_id)
        return read_or_none(ProviderIdentity, self._connection.execute(query).one_or_none())

    def list(self, user_id: str) -> list[ProviderIdentity]:
        query = (
            select(identities)
            .where(identities.c.user_id == user_id)
            .order_by(identities.c.created_at, identities.c.provider, identities.c.idp_id)
        )
        return [read(ProviderIdentity, row) for row in self._connection.execute(query)]

    def delete_of(self, user_id: str, *, provider: str, idp_id: str) -> bool:
        """False for another user's, as for one that is not there."""
        statement = delete(identities).where(
            identities.c.user_id == user_id, identities.c.provider == provider, identities.c.idp_id == idp_id
        )
        return self._connection.execute(statement).rowcount == 1

    def delete(self, *, provider: str, idp_id: str) -> bool:
        statement = delete(identities).where(identities.c.provider == provider, identities.c.idp_id == idp_id)
        return self._connection.execute(statement).rowcount == 1
