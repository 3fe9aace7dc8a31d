"""Groups of an organization's members."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select, update

from vestibule.server.store.memberships import Membership
from vestibule.server.store.rows import Page, Slice, list_page, read_or_none
from vestibule.server.store.schema import group_members, groups, memberships
from vestibule.server.store.upsert import insert_unless_exists


@dataclass(frozen=True, slots=True)
class Group:
    id: str
    organization_id: str
    name: str
    description: str | None
    created_at: dt.datetime
    updated_at: dt.datetime


class Groups:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> bool:
        """False when there is one with this id."""
        return insert_unless_exists(self._connection, groups, **values)

    def find(self, group_id: str, *, organization_id: str) -> Group | None:
        query = select(groups).where(groups.c.id == group_id, groups.c.organization_id == organization_id)
        return read_or_none(Group, self._connection.execute(query).one_or_none())

    def list(self, page: Page, *, organization_id: str) -> Slice[Group]:
        return list_page(self._connection, groups, Group, page, groups.c.organization_id == organization_id)

    def list_of_member(self, page: Page, *, membership_id: str) -> Slice[Group]:
        of_member = select(group_members.c.group_id).where(group_members.c.membership_id == membership_id)
        return list_page(self._connection, groups, Group, page, groups.c.id.in_(of_member))

    def list_members(self, page: Page, *, group_id: str) -> Slice[Membership]:
        members = select(group_members.c.membership_id).where(group_members.c.group_id == group_id)
        return list_page(self._connection, memberships, Membership, page, memberships.c.id.in_(members))

    def update(self, group_id: str, *, organization_id: str, **values: Any) -> Group | None:
        statement = (
            update(groups)
            .where(groups.c.id == group_id, groups.c.organization_id == organization_id)
            .values(**values)
            .returning(groups)
        )
        return read_or_none(Group, self._connection.execute(statement).one_or_none())

    def delete(self, group_id: str, *, organization_id: str) -> Group | None:
        statement = (
            delete(groups)
            .where(groups.c.id == group_id, groups.c.organization_id == organization_id)
            .returning(groups)
        )
        return read_or_none(Group, self._connection.execute(statement).one_or_none())

    def add_member(self, group_id: str, membership_id: str, *, now: dt.datetime) -> bool:
        """False when it is in the group already."""
        return insert_unless_exists(
            self._connection, group_members, group_id=group_id, membership_id=membership_id, created_at=now
        )

    def remove_member(self, group_id: str, membership_id: str) -> bool:
        """False when it was not in the group."""
        statement = delete(group_members).where(
            group_members.c.group_id == group_id, group_members.c.membership_id == membership_id
        )
        return bool(self._connection.execute(statement).rowcount)
