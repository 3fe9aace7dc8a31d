"""What people have allowed applications to do in their name."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from vestibule.server.store.rows import Page, Slice, list_page, read, read_or_none
from vestibule.server.store.schema import consents, memberships
from vestibule.server.store.upsert import insert_unless_exists


@dataclass(frozen=True, slots=True)
class Consent:
    id: str
    user_id: str
    application_id: str
    scopes: list[str]
    created_at: dt.datetime
    updated_at: dt.datetime


class Consents:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> bool:
        """False when the user has allowed this application something before."""
        return insert_unless_exists(self._connection, consents, **values)

    def find(self, user_id: str, application_id: str) -> Consent | None:
        query = select(consents).where(
            consents.c.user_id == user_id, consents.c.application_id == application_id
        )
        return read_or_none(Consent, self._connection.execute(query).one_or_none())

    def find_by_id(self, consent_id: str) -> Consent | None:
        query = select(consents).where(consents.c.id == consent_id)
        return read_or_none(Consent, self._connection.execute(query).one_or_none())

    def lock(self, user_id: str, application_id: str) -> Consent | None:
        """Held until the transaction ends: what is merged into it is not lost."""
        query = select(consents).where(
            consents.c.user_id == user_id, consents.c.application_id == application_id
        )
        return read_or_none(Consent, self._connection.execute(query.with_for_update()).one_or_none())

    def list(self, page: Page, *, user_id: str) -> Slice[Consent]:
        return list_page(self._connection, consents, Consent, page, consents.c.user_id == user_id)

    def list_in_organization(self, page: Page, *, organization_id: str) -> Slice[Consent]:
        """Those of its active members."""
        members = select(memberships.c.user_id).where(
            memberships.c.organization_id == organization_id, memberships.c.status == "active"
        )
        return list_page(self._connection, consents, Consent, page, consents.c.user_id.in_(members))

    def count_of(self, application_id: str) -> int:
        query = select(func.count()).where(consents.c.application_id == application_id)
        return int(self._connection.execute(query).scalar_one())

    def update(self, consent_id: str, *, scopes: Sequence[str], now: dt.datetime) -> Consent:
        statement = (
            update(consents)
            .where(consents.c.id == consent_id)
            .values(scopes=list(scopes), updated_at=now)
            .returning(consents)
        )
        return read(Consent, self._connection.execute(statement).one())

    def delete(self, user_id: str, application_id: str) -> Consent | None:
        statement = (
            delete(consents)
            .where(consents.c.user_id == user_id, consents.c.application_id == application_id)
            .returning(consents)
        )
        return read_or_none(Consent, self._connection.execute(statement).one_or_none())
