"""The origins whose pages may read what the server answers."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select

from vestibule.server.store.rows import Page, Slice, list_page, read_or_none
from vestibule.server.store.schema import cors_origins
from vestibule.server.store.upsert import insert_unless_exists


@dataclass(frozen=True, slots=True)
class CorsOrigin:
    id: str
    origin: str
    created_at: dt.datetime
    updated_at: dt.datetime


class CorsOrigins:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> bool:
        """False when it is registered already."""
        return insert_unless_exists(self._connection, cors_origins, **values)

    def find(self, origin_id: str) -> CorsOrigin | None:
        query = select(cors_origins).where(cors_origins.c.id == origin_id)
        return read_or_none(CorsOrigin, self._connection.execute(query).one_or_none())

    def list(self, page: Page) -> Slice[CorsOrigin]:
        return list_page(self._connection, cors_origins, CorsOrigin, page)

    def all(self) -> Sequence[str]:
        return self._connection.execute(select(cors_origins.c.origin)).scalars().all()

    def delete(self, origin_id: str) -> CorsOrigin | None:
        statement = delete(cors_origins).where(cors_origins.c.id == origin_id).returning(cors_origins)
        return read_or_none(CorsOrigin, self._connection.execute(statement).one_or_none())
