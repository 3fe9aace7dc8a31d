"""How the pages look: one row of choices, and up to three pictures."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, select

from vestibule.server.store.rows import read, read_or_none
from vestibule.server.store.schema import branding, branding_pictures
from vestibule.server.store.upsert import insert_into

ONLY: Final = "branding"


@dataclass(frozen=True, slots=True)
class Picture:
    """`digest` changes with what it shows. Its content is read by itself."""

    place: str
    media_type: str
    digest: str


class Brandings:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def choices(self) -> Mapping[str, Any]:
        """Empty when nobody chose anything."""
        return self._connection.execute(select(branding.c.choices)).scalar_one_or_none() or {}

    def put(self, choices: Mapping[str, Any], *, now: dt.datetime) -> None:
        statement = insert_into(self._connection, branding).values(
            id=ONLY, choices=dict(choices), created_at=now, updated_at=now
        )
        changed = {"choices": statement.excluded.choices, "updated_at": statement.excluded.updated_at}
        self._connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed))

    def pictures(self) -> Sequence[Picture]:
        columns = [branding_pictures.c[name] for name in ("place", "media_type", "digest")]
        rows = self._connection.execute(select(*columns).order_by(branding_pictures.c.place))
        return [read(Picture, row) for row in rows]

    def find_content(self, place: str) -> tuple[Picture, bytes] | None:
        query = select(branding_pictures).where(branding_pictures.c.place == place)
        row = self._connection.execute(query).one_or_none()
        picture = read_or_none(Picture, row)
        return None if row is None or picture is None else (picture, bytes(row.content))

    def put_picture(self, picture: Picture, content: bytes, *, now: dt.datetime) -> None:
        statement = insert_into(self._connection, branding_pictures).values(
            place=picture.place,
            media_type=picture.media_type,
            digest=picture.digest,
            content=content,
            created_at=now,
            updated_at=now,
        )
        changed = {
            name: statement.excluded[name] for name in ("media_type", "digest", "content", "updated_at")
        }
        self._connection.execute(statement.on_conflict_do_update(index_elements=["place"], set_=changed))

    def delete_picture(self, place: str) -> bool:
        where = branding_pictures.c.place == place
        return self._connection.execute(delete(branding_pictures).where(where)).rowcount > 0
