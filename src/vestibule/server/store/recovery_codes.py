"""Recovery codes: kept as keyed digests, used once, replaced all together."""

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import Connection, delete, func, insert, select, update

from vestibule.server.store.schema import recovery_codes


class RecoveryCodes:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def replace(self, user_id: str, hashes: Iterable[bytes], *, now: dt.datetime) -> None:
        """The ones before are worth nothing any more."""
        self.delete_all(user_id)
        rows = [{"code_hash": each, "user_id": user_id, "created_at": now} for each in hashes]
        self._connection.execute(insert(recovery_codes), rows)

    def use(self, code_hash: bytes, *, user_id: str, now: dt.datetime) -> bool:
        """True once, for the one who used it."""
        statement = (
            update(recovery_codes)
            .where(
                recovery_codes.c.code_hash == code_hash,
                recovery_codes.c.user_id == user_id,
                recovery_codes.c.used_at.is_(None),
            )
            .values(used_at=now)
        )
        return self._connection.execute(statement).rowcount == 1

    def find_created_at(self, user_id: str) -> dt.datetime | None:
        query = select(func.max(recovery_codes.c.created_at)).where(recovery_codes.c.user_id == user_id)
        created_at: dt.datetime | None = self._connection.execute(query).scalar_one()
        return created_at

    def count_unused(self, user_id: str) -> int:
        query = select(func.count()).where(
            recovery_codes.c.user_id == user_id, recovery_codes.c.used_at.is_(None)
        )
        return int(self._connection.execute(query).scalar_one())

    def delete_all(self, user_id: str) -> None:
        self._connection.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user_id))
