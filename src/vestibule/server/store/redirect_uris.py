"""Where sign-ins (`callback`) and sign-outs (`sign_out`) may lead back to."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import Connection, case, delete, select, update

from vestibule.server.store.rows import Page, Slice, list_page, read, read_or_none
from vestibule.server.store.schema import redirect_uris
from vestibule.server.store.upsert import insert_unless_exists

Kind = Literal["callback", "sign_out"]

# Made once: each page asks.
ALL: Final = select(redirect_uris).order_by(redirect_uris.c.is_default.desc(), redirect_uris.c.created_at)


@dataclass(frozen=True, slots=True)
class RedirectUri:
    id: str
    kind: str
    uri: str
    is_default: bool
    created_at: dt.datetime
    updated_at: dt.datetime


class RedirectUris:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> bool:
        """False when that kind has the URI already."""
        return insert_unless_exists(self._connection, redirect_uris, **values)

    def find(self, uri_id: str) -> RedirectUri | None:
        query = select(redirect_uris).where(redirect_uris.c.id == uri_id)
        return read_or_none(RedirectUri, self._connection.execute(query).one_or_none())

    def find_uri(self, kind: Kind, uri: str) -> RedirectUri | None:
        query = select(redirect_uris).where(redirect_uris.c.kind == kind, redirect_uris.c.uri == uri)
        return read_or_none(RedirectUri, self._connection.execute(query).one_or_none())

    def list(self, page: Page, *, kind: Kind) -> Slice[RedirectUri]:
        return list_page(self._connection, redirect_uris, RedirectUri, page, redirect_uris.c.kind == kind)

    def all(self) -> Sequence[RedirectUri]:
        """The default first: it is the one to fall back on."""
        return [read(RedirectUri, row) for row in self._connection.execute(ALL)]

    def set_default(self, kind: Kind, uri_id: str, *, now: dt.datetime) -> None:
        """One statement, so that a kind never has two defaults or none."""
        chosen = case((redirect_uris.c.id == uri_id, True), else_=False)
        statement = (
            update(redirect_uris)
            .where(redirect_uris.c.kind == kind, redirect_uris.c.is_default != chosen)
            .values(is_default=chosen, updated_at=now)
        )
        self._connection.execute(statement)

    def delete(self, uri_id: str) -> RedirectUri | None:
        statement = delete(redirect_uris).where(redirect_uris.c.id == uri_id).returning(redirect_uris)
        return read_or_none(RedirectUri, self._connection.execute(statement).one_or_none())
