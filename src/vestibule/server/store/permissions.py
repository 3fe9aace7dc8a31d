"""Permissions: what roles are made of. Roles hold them by slug, which never changes."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select, update

from vestibule.server.store.rows import Page, Slice, list_page, read_or_none
from vestibule.server.store.schema import permissions, role_permissions
from vestibule.server.store.upsert import insert_unless_exists


@dataclass(frozen=True, slots=True)
class Permission:
    id: str
    slug: str
    name: str
    description: str | None
    system: bool
    resource_type_slug: str
    created_at: dt.datetime
    updated_at: dt.datetime


class Permissions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> bool:
        """False when the slug is taken."""
        return insert_unless_exists(self._connection, permissions, **values)

    def find(self, slug: str) -> Permission | None:
        query = select(permissions).where(permissions.c.slug == slug)
        return read_or_none(Permission, self._connection.execute(query).one_or_none())

    def list(self, page: Page) -> Slice[Permission]:
        return list_page(self._connection, permissions, Permission, page)

    def hold(self, slugs: Collection[str]) -> frozenset[str]:
        """Those there are; none of them is deleted before the transaction ends."""
        query = select(permissions.c.slug).where(permissions.c.slug.in_(slugs)).order_by(permissions.c.slug)
        return frozenset(self._connection.execute(query.with_for_update(read=True, key_share=True)).scalars())

    def update(self, slug: str, **values: Any) -> Permission | None:
        statement = (
            update(permissions).where(permissions.c.slug == slug).values(**values).returning(permissions)
        )
        return read_or_none(Permission, self._connection.execute(statement).one_or_none())

    def delete(self, slug: str) -> Permission | None:
        statement = delete(permissions).where(permissions.c.slug == slug).returning(permissions)
        return read_or_none(Permission, self._connection.execute(statement).one_or_none())

    def take_from_roles(self, slug: str) -> Sequence[str]:
        """The ids of the roles that had it. After `delete`, which waits for those that are just giving it."""
        statement = (
            delete(role_permissions)
            .where(role_permissions.c.permission == slug)
            .returning(role_permissions.c.role_id)
        )
        return list(self._connection.execute(statement).scalars())
