"""Organizations: the customers of a B2B app."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, exists, func, literal, select, update
from sqlalchemy.exc import IntegrityError

from vestibule.server.store.organization_terms import is_frequent, set_terms
from vestibule.server.store.rows import Page, Slice, list_page, read, read_or_none
from vestibule.server.store.schema import organization_domains, organization_terms, organizations
from vestibule.server.store.upsert import insert_unless_exists
from vestibule.server.store.user_terms import beginning_with, fold


class ExternalIdTaken(Exception):
    """Another organization has this external id; the transaction is lost."""


@dataclass(frozen=True, slots=True)
class Organization:
    id: str
    name: str
    external_id: str | None
    metadata: Mapping[str, str] = field(repr=False)
    allow_profiles_outside_organization: bool
    domain_auto_join: bool
    domain_capture: bool
    entitlements: Sequence[str]
    created_at: dt.datetime
    updated_at: dt.datetime


class Organizations:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> bool:
        """False when the id or the external id is taken."""
        if not insert_unless_exists(self._connection, organizations, **values):
            return False
        set_terms(self._connection, values["id"])
        return True

    def find(self, organization_id: str) -> Organization | None:
        return self._find(organizations.c.id == organization_id)

    def names(self, organization_ids: Collection[str]) -> Mapping[str, str]:
        """By id; those that are gone are left out."""
        query = select(organizations.c.id, organizations.c.name)
        rows = self._connection.execute(query.where(organizations.c.id.in_(organization_ids)))
        return {row.id: row.name for row in rows}

    def find_by_external_id(self, external_id: str) -> Organization | None:
        return self._find(organizations.c.external_id == external_id)

    def _find(self, condition: Any) -> Organization | None:
        query = select(organizations).where(condition)
        return read_or_none(Organization, self._connection.execute(query).one_or_none())

    def lock(self, organization_id: str) -> Organization | None:
        """Held until the transaction ends: what is merged into it is not lost."""
        query = select(organizations).where(organizations.c.id == organization_id).with_for_update()
        return read_or_none(Organization, self._connection.execute(query).one_or_none())

    def list(
        self, page: Page, *, search: str | None = None, domains: Collection[str] = ()
    ) -> Slice[Organization]:
        """`domains`: those that have one of them, proven or not."""
        where: list[Any] = []
        if domains:
            having = select(organization_domains.c.organization_id).where(
                organization_domains.c.domain.in_(domains)
            )
            where.append(organizations.c.id.in_(having))
        if search is not None:
            where.append(func.lower(organizations.c.name).contains(search.lower(), autoescape=True))
        return list_page(self._connection, organizations, Organization, page, *where)

    def search(self, typed: str, *, limit: int) -> Sequence[Organization]:
        """Those with a word of the name, a domain or an external id that begins so, or with this id."""
        begins = beginning_with(organization_terms.c.term, fold(typed))
        terms = organization_terms.c
        if is_frequent(self._connection, terms.term, begins):
            chosen: Any = exists().where(terms.organization_id == organizations.c.id, begins)
        else:
            found = select(terms.organization_id).where(begins)
            chosen = organizations.c.id.in_(found.union(select(literal(typed))))
        ordered = (
            select(organizations)
            .where(chosen)
            .order_by(organizations.c.created_at.desc(), organizations.c.id.desc())
        )
        return [read(Organization, row) for row in self._connection.execute(ordered.limit(limit))]

    def update(self, organization_id: str, **values: Any) -> Organization | None:
        """Raises ExternalIdTaken."""
        statement = (
            update(organizations)
            .where(organizations.c.id == organization_id)
            .values(**values)
            .returning(organizations)
        )
        try:
            updated = read_or_none(Organization, self._connection.execute(statement).one_or_none())
        except IntegrityError:
            raise ExternalIdTaken from None
        if updated is not None and not {"name", "external_id"}.isdisjoint(values):
            set_terms(self._connection, organization_id)
        return updated

    def delete(self, organization_id: str) -> Organization | None:
        """Takes its memberships, roles and domains along."""
        statement = (
            delete(organizations).where(organizations.c.id == organization_id).returning(organizations)
        )
        return read_or_none(Organization, self._connection.execute(statement).one_or_none())
