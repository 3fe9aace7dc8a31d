"""Applications that are clients of this server besides the environment's own, and their secrets."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, update

from vestibule.server.store.rows import Page, Slice, list_page, read, read_or_none
from vestibule.server.store.schema import applications, client_secrets


@dataclass(frozen=True, slots=True)
class Application:
    """`uses_pkce`: it may come without a secret, with a verifier only."""

    id: str
    client_id: str
    application_type: str
    name: str
    description: str | None
    homepage_url: str | None
    is_first_party: bool
    uses_pkce: bool
    organization_id: str | None
    scopes: list[str]
    redirect_uris: list[dict[str, Any]]
    created_at: dt.datetime
    updated_at: dt.datetime

    @property
    def uris(self) -> list[str]:
        return [str(each["uri"]) for each in self.redirect_uris]


@dataclass(frozen=True, slots=True)
class ClientSecret:
    id: str
    application_id: str
    secret_hint: str = field(repr=False)
    last_used_at: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime


class Applications:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> Application:
        statement = insert(applications).values(**values).returning(applications)
        return read(Application, self._connection.execute(statement).one())

    def find(self, given: str) -> Application | None:
        """By its id or its client id: neither is ever another's."""
        query = select(applications).where(or_(applications.c.id == given, applications.c.client_id == given))
        return read_or_none(Application, self._connection.execute(query).one_or_none())

    def find_client(self, client_id: str) -> Application | None:
        query = select(applications).where(applications.c.client_id == client_id)
        return read_or_none(Application, self._connection.execute(query).one_or_none())

    def list(self, page: Page, *, organization_id: str | None = None) -> Slice[Application]:
        where = [] if organization_id is None else [applications.c.organization_id == organization_id]
        return list_page(self._connection, applications, Application, page, *where)

    def update(self, application_id: str, **values: Any) -> Application | None:
        statement = (
            update(applications)
            .where(applications.c.id == application_id)
            .values(**values)
            .returning(applications)
        )
        return read_or_none(Application, self._connection.execute(statement).one_or_none())

    def delete(self, application_id: str) -> Application | None:
        """Takes its secrets and what people allowed it along."""
        statement = delete(applications).where(applications.c.id == application_id).returning(applications)
        return read_or_none(Application, self._connection.execute(statement).one_or_none())


class ClientSecrets:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> ClientSecret:
        statement = insert(client_secrets).values(**values).returning(client_secrets)
        return read(ClientSecret, self._connection.execute(statement).one())

    def find_by_hash(self, secret_hash: bytes, *, application_id: str) -> ClientSecret | None:
        query = select(client_secrets).where(
            client_secrets.c.secret_hash == secret_hash, client_secrets.c.application_id == application_id
        )
        return read_or_none(ClientSecret, self._connection.execute(query).one_or_none())

    def list_of(self, application_id: str) -> Sequence[ClientSecret]:
        """Newest first."""
        query = (
            select(client_secrets)
            .where(client_secrets.c.application_id == application_id)
            .order_by(client_secrets.c.created_at.desc(), client_secrets.c.id.desc())
        )
        return [read(ClientSecret, row) for row in self._connection.execute(query)]

    def record_use(self, secret_id: str, *, now: dt.datetime) -> None:
        statement = update(client_secrets).where(client_secrets.c.id == secret_id)
        self._connection.execute(statement.values(last_used_at=now))

    def delete(self, secret_id: str) -> ClientSecret | None:
        statement = delete(client_secrets).where(client_secrets.c.id == secret_id).returning(client_secrets)
        return read_or_none(ClientSecret, self._connection.execute(statement).one_or_none())
