"""API keys of organizations and of their members, kept as digests."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, exists, insert, or_, select, update

from vestibule.server.store.rows import Page, Slice, list_page, read, read_or_none
from vestibule.server.store.schema import memberships
from vestibule.server.store.schema import owned_api_keys as keys

OWNER_IS_THERE: Final = or_(
    keys.c.user_id.is_(None),
    exists().where(
        memberships.c.user_id == keys.c.user_id,
        memberships.c.organization_id == keys.c.organization_id,
        memberships.c.status == "active",
    ),
)
# Made once: building it takes SQLAlchemy longer than running it, and customers' requests wait for it.
# Unknown, expired and of somebody who left are the same to it: no row, after the same work.
FIND_LIVE: Final = select(keys).where(
    keys.c.key_hash == bindparam("hash"),
    or_(keys.c.expires_at.is_(None), keys.c.expires_at > bindparam("moment")),
    OWNER_IS_THERE,
)


@dataclass(frozen=True, slots=True)
class OwnedKey:
    """`user_id` is None for a key of the organization itself."""

    id: str
    organization_id: str
    user_id: str | None
    name: str
    obfuscated_value: str
    permissions: list[str]
    expires_at: dt.datetime | None
    last_used_at: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime


class OwnedKeys:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> OwnedKey:
        return read(OwnedKey, self._connection.execute(insert(keys).values(**values).returning(keys)).one())

    def find(self, key_id: str) -> OwnedKey | None:
        query = select(keys).where(keys.c.id == key_id)
        return read_or_none(OwnedKey, self._connection.execute(query).one_or_none())

    def find_by_hash(self, key_hash: bytes) -> OwnedKey | None:
        """Expired or not."""
        query = select(keys).where(keys.c.key_hash == key_hash)
        return read_or_none(OwnedKey, self._connection.execute(query).one_or_none())

    def find_live(self, key_hash: bytes, *, now: dt.datetime) -> OwnedKey | None:
        found = self._connection.execute(FIND_LIVE, {"hash": key_hash, "moment": now}).one_or_none()
        return read_or_none(OwnedKey, found)

    def list_of_organization(self, page: Page, *, organization_id: str) -> Slice[OwnedKey]:
        where = (keys.c.organization_id == organization_id, keys.c.user_id.is_(None))
        return list_page(self._connection, keys, OwnedKey, page, *where)

    def list_of_user(
        self, page: Page, *, user_id: str, organization_id: str | None = None
    ) -> Slice[OwnedKey]:
        where = [keys.c.user_id == user_id]
        if organization_id is not None:
            where.append(keys.c.organization_id == organization_id)
        return list_page(self._connection, keys, OwnedKey, page, *where)

    def record_use(self, key_id: str, *, now: dt.datetime, unless_since: dt.datetime) -> None:
        """Many requests at once write it once."""
        unnoted = or_(keys.c.last_used_at.is_(None), keys.c.last_used_at <= unless_since)
        statement = update(keys).where(keys.c.id == key_id, unnoted).values(last_used_at=now)
        self._connection.execute(statement)

    def expire(self, key_id: str, *, expires_at: dt.datetime | None, now: dt.datetime) -> OwnedKey | None:
        """None when there is none, or it has expired already."""
        live = or_(keys.c.expires_at.is_(None), keys.c.expires_at > now)
        statement = (
            update(keys)
            .where(keys.c.id == key_id, live)
            .values(expires_at=expires_at, updated_at=now)
            .returning(keys)
        )
        return read_or_none(OwnedKey, self._connection.execute(statement).one_or_none())

    def delete(self, key_id: str, *, user_id: str | None = None) -> OwnedKey | None:
        """With `user_id`, only if it is that user's."""
        statement = delete(keys).where(keys.c.id == key_id).returning(keys)
        if user_id is not None:
            statement = statement.where(keys.c.user_id == user_id)
        return read_or_none(OwnedKey, self._connection.execute(statement).one_or_none())
