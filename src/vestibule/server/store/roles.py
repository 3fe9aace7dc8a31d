"""Roles of the environment (no organization) and of single organizations, with their permissions."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from vestibule.server.store.schema import role_permissions, roles
from vestibule.server.store.upsert import insert_unless_exists


@dataclass(frozen=True, slots=True)
class Role:
    id: str
    organization_id: str | None
    slug: str
    name: str
    description: str | None
    permissions: tuple[str, ...]
    created_at: dt.datetime
    updated_at: dt.datetime


class Roles:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, *, permissions: Collection[str], **values: Any) -> bool:
        """False when the environment, or that organization, has the slug already."""
        if not insert_unless_exists(self._connection, roles, **values):
            return False
        self._permit(values["id"], permissions)
        return True

    def find(self, slug: str, *, organization_id: str | None) -> Role | None:
        """Exactly this one: an organization does not inherit here."""
        found = self._list(
            roles.c.slug == slug, roles.c.organization_id.is_not_distinct_from(organization_id)
        )
        return found[0] if found else None

    def list(self, *, organization_id: str | None = None) -> Sequence[Role]:
        """The environment's, and those of the organization."""
        return self._list(self._reaches(organization_id))

    def list_slugs(self, slugs: Collection[str], *, organization_id: str) -> Sequence[Role]:
        """What those slugs mean in that organization: both kinds, where both exist."""
        return self._list(roles.c.slug.in_(slugs), self._reaches(organization_id))

    def _reaches(self, organization_id: str | None) -> Any:
        return or_(roles.c.organization_id.is_(None), roles.c.organization_id == organization_id)

    def _list(self, *where: Any) -> Sequence[Role]:
        query = (
            select(roles, role_permissions.c.permission)
            .outerjoin(role_permissions, role_permissions.c.role_id == roles.c.id)
            .where(*where)
            .order_by(roles.c.created_at, roles.c.id, role_permissions.c.permission)
        )
        grouped: dict[str, list[Row[Any]]] = {}
        for row in self._connection.execute(query):
            grouped.setdefault(row.id, []).append(row)
        return [_role(rows) for rows in grouped.values()]

    def update(self, role_id: str, *, permissions: Collection[str] | None = None, **values: Any) -> bool:
        done = self._connection.execute(update(roles).where(roles.c.id == role_id).values(**values))
        if done.rowcount and permissions is not None:
            self._connection.execute(delete(role_permissions).where(role_permissions.c.role_id == role_id))
            self._permit(role_id, permissions)
        return bool(done.rowcount)

    def _permit(self, role_id: str, permissions: Collection[str]) -> None:
        if permissions:
            rows = [{"role_id": role_id, "permission": permission} for permission in sorted(set(permissions))]
            self._connection.execute(insert(role_permissions), rows)


def _role(rows: Sequence[Row[Any]]) -> Role:
    first = rows[0]
    return Role(
        id=first.id,
        organization_id=first.organization_id,
        slug=first.slug,
        name=first.name,
        description=first.description,
        permissions=tuple(row.permission for row in rows if row.permission is not None),
        created_at=first.created_at,
        updated_at=first.updated_at,
    )
