"""The environment: one row, because one database is one environment."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, select, update

from vestibule.server.store.rows import read, read_or_none
from vestibule.server.store.schema import environment
from vestibule.server.store.upsert import insert_unless_exists

ONLY: Final = "environment"
ALL: Final = select(environment)  # made once: each page asks


@dataclass(frozen=True, slots=True)
class Environment:
    """`sign_out_redirect`, `app_homepage_url` and `initiate_login_url` say where people go from here."""

    id: str
    kind: str
    client_id: str
    name: str
    sign_out_redirect: str | None
    app_homepage_url: str | None
    initiate_login_url: str | None
    created_at: dt.datetime
    updated_at: dt.datetime


class Environments:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> bool:
        """False when it is there already, created perhaps by another process at the same moment."""
        return insert_unless_exists(self._connection, environment, id=ONLY, **values)

    def find(self) -> Environment | None:
        return read_or_none(Environment, self._connection.execute(ALL).one_or_none())

    def lock(self) -> Environment | None:
        """Held until the transaction ends: for what only one process may do at a time."""
        query = select(environment).with_for_update()
        return read_or_none(Environment, self._connection.execute(query).one_or_none())

    def update(self, **values: Any) -> Environment:
        statement = update(environment).values(**values).returning(environment)
        return read(Environment, self._connection.execute(statement).one())
