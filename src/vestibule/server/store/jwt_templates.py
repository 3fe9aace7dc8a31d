"""The one template of further claims, when there is one."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, delete, select

from vestibule.server.store.rows import read, read_or_none
from vestibule.server.store.schema import jwt_templates
from vestibule.server.store.upsert import insert_into

ONLY: Final = "jwt_template"


@dataclass(frozen=True, slots=True)
class JwtTemplate:
    content: str
    created_at: dt.datetime
    updated_at: dt.datetime


class JwtTemplates:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self) -> JwtTemplate | None:
        return read_or_none(JwtTemplate, self._connection.execute(select(jwt_templates)).one_or_none())

    def put(self, content: str, *, now: dt.datetime) -> JwtTemplate:
        statement = insert_into(self._connection, jwt_templates).values(
            id=ONLY, content=content, created_at=now, updated_at=now
        )
        changed = {"content": statement.excluded.content, "updated_at": statement.excluded.updated_at}
        written = statement.on_conflict_do_update(index_elements=["id"], set_=changed)
        return read(JwtTemplate, self._connection.execute(written.returning(jwt_templates)).one())

    def delete(self) -> bool:
        return self._connection.execute(delete(jwt_templates)).rowcount > 0
