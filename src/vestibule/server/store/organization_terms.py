"""What an organization is found by while somebody types: its name and the words of it, its domains, its
external id. A row for each, as for users."""

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Connection, delete, func, select

from vestibule.server.store.schema import organization_domains, organization_terms, organizations
from vestibule.server.store.upsert import insert_into
from vestibule.server.store.user_terms import fold

FEW: Final = 5_000
MOST: Final = 40
LONGEST: Final = 64


def terms_of(name: str, external_id: str | None, domains: Iterable[str]) -> list[str]:
    folded = fold(name)
    terms = [folded, *folded.replace("-", " ").split(), *domains]
    if external_id is not None:
        terms.append(fold(external_id))
    return list(dict.fromkeys(term[:LONGEST] for term in terms))[:MOST]


def is_frequent(connection: Connection, term: Any, begins: Any) -> bool:
    """Whether more rows begin so than one would want to go through."""
    some = select(term).where(begins).limit(FEW + 1).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one() > FEW


def set_terms(connection: Connection, organization_id: str) -> None:
    """As the organization and its domains are now: rows that stay are not written again."""
    query = select(organizations.c.name, organizations.c.external_id)
    row = connection.execute(query.where(organizations.c.id == organization_id)).one_or_none()
    if row is None:
        return
    having = select(organization_domains.c.domain).where(
        organization_domains.c.organization_id == organization_id
    )
    terms = terms_of(row.name, row.external_id, connection.execute(having).scalars())
    theirs = organization_terms.c.organization_id == organization_id
    connection.execute(delete(organization_terms).where(theirs, organization_terms.c.term.not_in(terms)))
    rows = [{"term": term, "organization_id": organization_id} for term in terms]
    connection.execute(insert_into(connection, organization_terms).values(rows).on_conflict_do_nothing())
