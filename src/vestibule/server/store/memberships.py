"""Memberships: who belongs to which organization, in which roles."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Select,
    Text,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    type_coerce,
    update,
)

from vestibule.server.store.organization_terms import is_frequent
from vestibule.server.store.rows import Page, Slice, list_page, read, read_or_none
from vestibule.server.store.schema import memberships, organizations, roles, user_terms
from vestibule.server.store.upsert import insert_unless_exists
from vestibule.server.store.user_terms import beginning_with, fold

WRITTEN_ROLES: Final = type_coerce(memberships.c.roles, Text)

# Made once: building it takes SQLAlchemy longer than running it, and each sign-in needs it.
ACTIVE: Final = (
    select(memberships, organizations.c.name.label("organization_name"))
    .join(organizations, organizations.c.id == memberships.c.organization_id)
    .where(memberships.c.user_id == bindparam("user"), memberships.c.status == "active")
    .order_by(memberships.c.created_at, memberships.c.id)
)
ENTITLED: Final = (
    select(memberships, organizations.c.entitlements)
    .join(organizations, organizations.c.id == memberships.c.organization_id)
    .where(
        memberships.c.user_id == bindparam("user"),
        memberships.c.organization_id == bindparam("organization"),
        memberships.c.status == "active",
    )
)


def roles_with(slug: str) -> Select[Any]:
    """The lists of roles with this one in it. There are few different ones among millions of members, and the
    index leads from each to the next."""
    written = type_coerce(memberships.alias("others").c.roles, Text)
    first = select(func.min(written).label("written")).cte("lists", recursive=True)
    following = select(func.min(written)).where(written > first.c.written).scalar_subquery()
    each = first.union_all(select(following).where(first.c.written.is_not(None)))
    # Slugs are letters, digits, - and _: nothing in them that JSON would write differently.
    return select(each.c.written).where(each.c.written.contains(f'"{slug}"', autoescape=True))


@dataclass(frozen=True, slots=True)
class Membership:
    """`role` is the first of `roles`; both are slugs. `status` is active, inactive or pending."""

    id: str
    user_id: str
    organization_id: str
    status: str
    role: str
    roles: list[str]
    created_at: dt.datetime
    updated_at: dt.datetime


class Memberships:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> bool:
        """False when the user is in that organization already."""
        return insert_unless_exists(self._connection, memberships, **values)

    def find(self, membership_id: str) -> Membership | None:
        return self._one(select(memberships).where(memberships.c.id == membership_id))

    def find_of(self, user_id: str, organization_id: str) -> Membership | None:
        query = select(memberships).where(
            memberships.c.user_id == user_id, memberships.c.organization_id == organization_id
        )
        return self._one(query)

    def find_active(self, user_id: str, organization_id: str) -> tuple[Membership, Sequence[str]] | None:
        """With what the organization is entitled to."""
        wanted = {"user": user_id, "organization": organization_id}
        row = self._connection.execute(ENTITLED, wanted).one_or_none()
        return None if row is None else (read(Membership, row), row.entitlements)

    def has_others(self, membership: Membership, *, roles: Collection[str] = ()) -> bool:
        """Whether somebody else is active in the same organization, with `roles` in one of these."""
        others = (
            select(memberships.c.id)
            .where(
                memberships.c.organization_id == membership.organization_id,
                memberships.c.status == "active",
                memberships.c.id != membership.id,
            )
            .limit(1)
        )
        if roles:
            # Slugs are letters, digits, - and _: nothing in them that JSON would write differently.
            written = type_coerce(memberships.c.roles, Text)
            others = others.where(or_(*(written.contains(f'"{slug}"', autoescape=True) for slug in roles)))
        return self._connection.execute(others).first() is not None

    def _one(self, query: Select[Any]) -> Membership | None:
        return read_or_none(Membership, self._connection.execute(query).one_or_none())

    def list(
        self,
        page: Page,
        *,
        user_id: str | None = None,
        organization_id: str | None = None,
        statuses: Sequence[str] = (),
    ) -> Slice[Membership]:
        where: list[Any] = []
        if user_id is not None:
            where.append(memberships.c.user_id == user_id)
        if organization_id is not None:
            where.append(memberships.c.organization_id == organization_id)
        if statuses:
            where.append(memberships.c.status.in_(statuses))
        return list_page(self._connection, memberships, Membership, page, *where)

    def search(self, organization_id: str, typed: str, *, limit: int) -> Sequence[Membership]:
        """Of those whose name or address has a word that begins so, newest first."""
        begins = beginning_with(user_terms.c.term, fold(typed))
        query = select(memberships).limit(limit)
        # Rare words lead to their few users; frequent ones are found soon among the members.
        if is_frequent(self._connection, user_terms.c.term, begins):
            named = exists().where(user_terms.c.user_id == memberships.c.user_id, begins)
            query = query.where(memberships.c.organization_id == organization_id, named)
        else:
            # Written so that no database begins with all members instead.
            here = memberships.c.organization_id.concat("") == organization_id
            found = select(user_terms.c.user_id).where(begins)
            query = query.where(memberships.c.user_id.in_(found), here)
        query = query.order_by(memberships.c.created_at.desc(), memberships.c.id.desc())
        return [read(Membership, row) for row in self._connection.execute(query)]

    def list_with_role(self, slug: str, *, limit: int) -> Sequence[Membership]:
        """Some of those in any organization who have the environment's role, and not one of its own name."""
        own = exists().where(roles.c.organization_id == memberships.c.organization_id, roles.c.slug == slug)
        query = select(memberships).where(WRITTEN_ROLES.in_(roles_with(slug)), ~own).limit(limit)
        return [read(Membership, row) for row in self._connection.execute(query)]

    def list_active(self, user_id: str) -> Sequence[tuple[Membership, str]]:
        """Each with the name of its organization, oldest first."""
        rows = self._connection.execute(ACTIVE, {"user": user_id})
        return [(read(Membership, row), row.organization_name) for row in rows]

    def update(self, membership_id: str, **values: Any) -> Membership | None:
        statement = (
            update(memberships)
            .where(memberships.c.id == membership_id)
            .values(**values)
            .returning(memberships)
        )
        return read_or_none(Membership, self._connection.execute(statement).one_or_none())

    def delete(self, membership_id: str) -> Membership | None:
        statement = delete(memberships).where(memberships.c.id == membership_id).returning(memberships)
        return read_or_none(Membership, self._connection.execute(statement).one_or_none())
