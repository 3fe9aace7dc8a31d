"""Domains of organizations: claimed by several perhaps, proven by one."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.exc import IntegrityError

from vestibule.server.store.organization_terms import set_terms
from vestibule.server.store.rows import read, read_or_none
from vestibule.server.store.schema import organization_domains, organizations
from vestibule.server.store.upsert import insert_unless_exists

# Made once: each sign-in asks.
OWNER: Final = (
    select(organizations.c.id, organizations.c.domain_auto_join, organizations.c.domain_capture)
    .join(organization_domains, organization_domains.c.organization_id == organizations.c.id)
    .where(organization_domains.c.domain == bindparam("domain"), organization_domains.c.state == "verified")
)


class VerifiedElsewhere(Exception):
    """Another organization has proven this domain; the transaction is lost."""


@dataclass(frozen=True, slots=True)
class OrganizationDomain:
    id: str
    organization_id: str
    domain: str
    state: str
    verification_strategy: str
    verification_prefix: str
    verification_token: str
    verify_until: dt.datetime
    created_at: dt.datetime
    updated_at: dt.datetime


@dataclass(frozen=True, slots=True)
class DomainOwner:
    """Who has proven a domain, and what it does about addresses in it."""

    organization_id: str
    auto_join: bool
    capture: bool


class OrganizationDomains:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> bool:
        """False when the id is taken, the organization has the domain, or another has verified it as well."""
        if not insert_unless_exists(self._connection, organization_domains, **values):
            return False
        set_terms(self._connection, values["organization_id"])
        return True

    def find(self, domain_id: str) -> OrganizationDomain | None:
        query = select(organization_domains).where(organization_domains.c.id == domain_id)
        return read_or_none(OrganizationDomain, self._connection.execute(query).one_or_none())

    def find_owner(self, domain: str) -> DomainOwner | None:
        row = self._connection.execute(OWNER, {"domain": domain}).one_or_none()
        return None if row is None else DomainOwner(row.id, row.domain_auto_join, row.domain_capture)

    def list_of(self, organization_ids: Collection[str]) -> Mapping[str, Sequence[OrganizationDomain]]:
        """By organization, oldest first; an organization without domains is left out."""
        query = (
            select(organization_domains)
            .where(organization_domains.c.organization_id.in_(organization_ids))
            .order_by(organization_domains.c.created_at, organization_domains.c.domain)
        )
        found: dict[str, list[OrganizationDomain]] = {}
        for row in self._connection.execute(query):
            found.setdefault(row.organization_id, []).append(read(OrganizationDomain, row))
        return found

    def verify(self, domain_id: str, *, strategy: str, now: dt.datetime) -> OrganizationDomain | None:
        """None when it was verified before, or is gone. Raises VerifiedElsewhere."""
        values = {"state": "verified", "verification_strategy": strategy, "updated_at": now}
        try:
            return self._change(domain_id, organization_domains.c.state != "verified", **values)
        except IntegrityError:
            raise VerifiedElsewhere from None

    def fail(self, domain_id: str, *, now: dt.datetime) -> OrganizationDomain | None:
        """None unless it was pending."""
        pending = organization_domains.c.state == "pending"
        return self._change(domain_id, pending, state="failed", updated_at=now)

    def begin_again(
        self, domain_id: str, *, until: dt.datetime, now: dt.datetime
    ) -> OrganizationDomain | None:
        """None unless it had failed."""
        failed = organization_domains.c.state == "failed"
        return self._change(domain_id, failed, state="pending", verify_until=until, updated_at=now)

    def _change(self, domain_id: str, *where: Any, **values: Any) -> OrganizationDomain | None:
        statement = (
            update(organization_domains)
            .where(organization_domains.c.id == domain_id, *where)
            .values(**values)
            .returning(organization_domains)
        )
        return read_or_none(OrganizationDomain, self._connection.execute(statement).one_or_none())

    def delete(self, domain_id: str) -> OrganizationDomain | None:
        statement = (
            delete(organization_domains)
            .where(organization_domains.c.id == domain_id)
            .returning(organization_domains)
        )
        deleted = read_or_none(OrganizationDomain, self._connection.execute(statement).one_or_none())
        if deleted is not None:
            set_terms(self._connection, deleted.organization_id)
        return deleted
