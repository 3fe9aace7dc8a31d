"""Feature flags, and for whom they are on."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    bindparam,
    delete,
    exists,
    or_,
    select,
    true,
    update,
)

from vestibule.server.store.rows import Page, Slice, list_page, read, read_or_none
from vestibule.server.store.schema import (
    feature_flags,
    flag_organizations,
    flag_users,
    memberships,
    organizations,
    users,
)
from vestibule.server.store.upsert import insert_unless_exists

Kind: TypeAlias = Literal["user", "organization"]
KINDS: dict[Kind, tuple[Table, str]] = {
    "user": (flag_users, "user_id"),
    "organization": (flag_organizations, "organization_id"),
}


@dataclass(frozen=True, slots=True)
class Flag:
    id: str
    slug: str
    name: str
    description: str | None
    tags: list[str]
    enabled: bool
    default_value: bool
    created_at: dt.datetime
    updated_at: dt.datetime


def _aimed_at(table: Table, column: str, value: Any) -> ColumnElement[bool]:
    return exists().where(table.c.flag_id == feature_flags.c.id, table.c[column] == value)


def _on_for(*targets: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(feature_flags.c.enabled, or_(feature_flags.c.default_value, *targets))


# For every token that is minted, so it is built once.
ON_FOR_SESSION = (
    select(feature_flags.c.slug)
    .where(
        _on_for(
            _aimed_at(flag_users, "user_id", bindparam("user_id")),
            _aimed_at(flag_organizations, "organization_id", bindparam("organization_id")),
        )
    )
    .order_by(feature_flags.c.slug)
)


class Flags:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> bool:
        """False when the id or the slug is taken."""
        return insert_unless_exists(self._connection, feature_flags, **values)

    def find(self, slug: str) -> Flag | None:
        query = select(feature_flags).where(feature_flags.c.slug == slug)
        return read_or_none(Flag, self._connection.execute(query).one_or_none())

    def list(self, page: Page) -> Slice[Flag]:
        return list_page(self._connection, feature_flags, Flag, page)

    def list_all(self) -> Sequence[Flag]:
        query = select(feature_flags).order_by(feature_flags.c.slug)
        return [read(Flag, row) for row in self._connection.execute(query)]

    def list_of_organization(self, page: Page, *, organization_id: str) -> Slice[Flag]:
        """Those that are on for it."""
        on = _on_for(_aimed_at(flag_organizations, "organization_id", organization_id))
        return list_page(self._connection, feature_flags, Flag, page, on)

    def list_of_user(self, page: Page, *, user_id: str) -> Slice[Flag]:
        """Those that are on for somebody, by themselves or as an active member of an organization."""
        theirs = select(memberships.c.organization_id).where(
            memberships.c.user_id == user_id, memberships.c.status == "active"
        )
        member = exists().where(
            flag_organizations.c.flag_id == feature_flags.c.id,
            flag_organizations.c.organization_id.in_(theirs),
        )
        on = _on_for(_aimed_at(flag_users, "user_id", user_id), member)
        return list_page(self._connection, feature_flags, Flag, page, on)

    def list_slugs(self, user_id: str, *, organization_id: str | None) -> Sequence[str]:
        """Of the flags that are on for a session: of this user, in this organization."""
        asked = {"user_id": user_id, "organization_id": organization_id}
        return self._connection.execute(ON_FOR_SESSION, asked).scalars().all()

    def update(self, slug: str, **values: Any) -> Flag | None:
        statement = (
            update(feature_flags)
            .where(feature_flags.c.slug == slug)
            .values(**values)
            .returning(feature_flags)
        )
        return read_or_none(Flag, self._connection.execute(statement).one_or_none())

    def delete(self, slug: str) -> Flag | None:
        statement = delete(feature_flags).where(feature_flags.c.slug == slug).returning(feature_flags)
        return read_or_none(Flag, self._connection.execute(statement).one_or_none())

    def add_target(self, flag_id: str, kind: Kind, target_id: str) -> bool:
        """False when it is one already."""
        table, column = KINDS[kind]
        return insert_unless_exists(self._connection, table, flag_id=flag_id, **{column: target_id})

    def remove_target(self, flag_id: str, target_id: str) -> bool:
        """False when it was none."""
        removed = 0
        for table, column in KINDS.values():
            statement = delete(table).where(table.c.flag_id == flag_id, table.c[column] == target_id)
            removed += self._connection.execute(statement).rowcount
        return bool(removed)

    def list_users(
        self, flag_id: str | None = None, *, limit: int | None = None
    ) -> Sequence[tuple[str, str, str]]:
        """(flag id, user id, address) of each target; of all flags when none is named."""
        query = (
            select(flag_users.c.flag_id, users.c.id, users.c.email)
            .join(users, users.c.id == flag_users.c.user_id)
            .where(true() if flag_id is None else flag_users.c.flag_id == flag_id)
        )
        rows = self._connection.execute(query.order_by(flag_users.c.user_id).limit(limit))
        return [(row[0], row[1], row[2]) for row in rows]

    def list_organizations(
        self, flag_id: str | None = None, *, limit: int | None = None
    ) -> Sequence[tuple[str, str, str]]:
        """(flag id, organization id, name) of each target; of all flags when none is named."""
        query = (
            select(flag_organizations.c.flag_id, organizations.c.id, organizations.c.name)
            .join(organizations, organizations.c.id == flag_organizations.c.organization_id)
            .where(true() if flag_id is None else flag_organizations.c.flag_id == flag_id)
        )
        rows = self._connection.execute(query.order_by(flag_organizations.c.organization_id).limit(limit))
        return [(row[0], row[1], row[2]) for row in rows]
