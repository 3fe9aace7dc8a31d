"""Roles of the environment (no organization) and of single organizations, with their permissions."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, or_, select, update

from vestibule.server.store.memberships import WRITTEN_ROLES, roles_with
from vestibule.server.store.schema import memberships, role_permissions, roles
from vestibule.server.store.upsert import insert_into, insert_unless_exists


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

    def list_by_id(self, role_ids: Collection[str]) -> Sequence[Role]:
        return self._list(roles.c.id.in_(role_ids))

    def list_with_permission(self, permission: str, *, limit: int) -> Sequence[Role]:
        theirs = select(role_permissions.c.role_id).where(role_permissions.c.permission == permission)
        return self._list(roles.c.id.in_(theirs.limit(limit)))

    def list(self, *, organization_id: str | None = None) -> Sequence[Role]:
        """The environment's, and those of the organization."""
        return self._list(self._reaches(organization_id))

    def list_slugs(self, slugs: Collection[str], *, organization_id: str) -> Sequence[Role]:
        """What those slugs mean in that organization: both kinds, where both exist."""
        return self._list(roles.c.slug.in_(slugs), self._reaches(organization_id))

    def hold(self, slugs: Collection[str], *, organization_id: str) -> frozenset[str]:
        """The slugs that mean something there; none of these roles is deleted before the transaction ends."""
        query = (
            select(roles.c.slug)
            .where(roles.c.slug.in_(slugs), self._reaches(organization_id))
            .order_by(roles.c.id)
        )
        return frozenset(self._connection.execute(query.with_for_update(read=True, key_share=True)).scalars())

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

    def add_permissions(self, role_id: str, permissions: Collection[str], *, now: dt.datetime) -> None:
        self._permit(role_id, permissions)
        self._touch(role_id, now)

    def remove_permissions(self, role_id: str, permissions: Collection[str], *, now: dt.datetime) -> None:
        theirs = role_permissions.c.role_id == role_id
        chosen = role_permissions.c.permission.in_(permissions)
        self._connection.execute(delete(role_permissions).where(theirs, chosen))
        self._touch(role_id, now)

    def remove_permission(self, role_id: str, permission: str, *, now: dt.datetime) -> bool:
        """False when the role did not have it."""
        done = self._connection.execute(
            delete(role_permissions).where(
                role_permissions.c.role_id == role_id, role_permissions.c.permission == permission
            )
        )
        if done.rowcount:
            self._touch(role_id, now)
        return bool(done.rowcount)

    def delete_unassigned(self, role: Role) -> bool:
        """False while a member has it: of the role's organization, or of any for one of the environment."""
        # Locked by itself first: the statement after it sees those who were given the role until then.
        self._connection.execute(select(roles.c.id).where(roles.c.id == role.id).with_for_update())
        held = select(memberships.c.id).where(WRITTEN_ROLES.in_(roles_with(role.slug)))
        if role.organization_id is not None:
            held = held.where(memberships.c.organization_id == role.organization_id)
        else:
            own = roles.alias()
            same = exists().where(
                own.c.organization_id == memberships.c.organization_id, own.c.slug == role.slug
            )
            held = held.where(~same)
        statement = delete(roles).where(roles.c.id == role.id, ~exists(held)).returning(roles.c.id)
        return self._connection.execute(statement).first() is not None

    def _touch(self, role_id: str, now: dt.datetime) -> None:
        self._connection.execute(update(roles).where(roles.c.id == role_id).values(updated_at=now))

    def _permit(self, role_id: str, permissions: Collection[str]) -> None:
        if permissions:
            rows = [{"role_id": role_id, "permission": permission} for permission in sorted(set(permissions))]
            statement = insert_into(self._connection, role_permissions).on_conflict_do_nothing()
            self._connection.execute(statement, rows)


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
