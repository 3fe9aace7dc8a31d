"""Authorization codes: kept as digests, consumed once."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from vestibule.server.store.rows import read_or_none
from vestibule.server.store.schema import authorization_codes as codes


@dataclass(frozen=True, slots=True)
class AuthorizationCode:
    """`session_id` is what the code was exchanged for: a second use ends it."""

    client_id: str
    user_id: str
    redirect_uri: str
    code_challenge: str | None
    organization_id: str | None
    authentication_method: str
    authenticated_at: dt.datetime
    browser_session_id: str | None
    scope: str | None
    nonce: str | None
    expires_at: dt.datetime
    consumed_at: dt.datetime | None
    session_id: str | None
    created_at: dt.datetime
    second_factor: str | None = None
    impersonation_id: str | None = None


class Codes:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> None:
        self._connection.execute(insert(codes).values(**values))

    def find(self, code_hash: bytes) -> AuthorizationCode | None:
        """Consumed or expired ones too: to say what a second use must undo."""
        query = select(codes).where(codes.c.code_hash == code_hash)
        return read_or_none(AuthorizationCode, self._connection.execute(query).one_or_none())

    def consume(
        self, code_hash: bytes, *, client_id: str, session_id: str, now: dt.datetime
    ) -> AuthorizationCode | None:
        """One caller gets it; everybody else None."""
        statement = (
            update(codes)
            .where(
                codes.c.code_hash == code_hash,
                codes.c.client_id == client_id,
                codes.c.consumed_at.is_(None),
                codes.c.expires_at > now,
            )
            .values(consumed_at=now, session_id=session_id)
            .returning(codes)
        )
        return read_or_none(AuthorizationCode, self._connection.execute(statement).one_or_none())

    def delete_unused(self, user_id: str) -> None:
        """A sign-in under way must not outlive the reason why all sessions were ended."""
        self._connection.execute(
            delete(codes).where(codes.c.user_id == user_id, codes.c.consumed_at.is_(None))
        )

    def delete_unused_of_browser(self, browser_session_id: str) -> None:
        condition = codes.c.browser_session_id == browser_session_id
        self._connection.execute(delete(codes).where(condition, codes.c.consumed_at.is_(None)))

    def delete_unused_of_client(self, client_id: str, *, user_id: str | None = None) -> None:
        conditions = [codes.c.client_id == client_id, codes.c.consumed_at.is_(None)]
        if user_id is not None:
            conditions.append(codes.c.user_id == user_id)
        self._connection.execute(delete(codes).where(*conditions))

    def purge(self, *, expired_before: dt.datetime) -> None:
        self._connection.execute(delete(codes).where(codes.c.expires_at < expired_before))
