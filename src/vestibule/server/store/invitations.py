"""Invitations: an address, perhaps an organization and a role in it, and a token that is good once."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, select, update

from vestibule.server.store.rows import Page, Slice, list_page, read_or_none
from vestibule.server.store.schema import invitations
from vestibule.server.store.upsert import insert_unless_exists


@dataclass(frozen=True, slots=True)
class StoredInvitation:
    id: str
    email: str
    email_key: str
    organization_id: str | None
    role_slug: str | None
    inviter_user_id: str | None
    accepted_user_id: str | None
    locale: str | None
    token_sealed: str = field(repr=False)
    expires_at: dt.datetime
    accepted_at: dt.datetime | None
    revoked_at: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime

    def state(self, now: dt.datetime) -> str:
        """pending accepted expired revoked"""
        if self.accepted_at is not None:
            return "accepted"
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at <= now else "pending"


class Invitations:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> bool:
        """False when there is one with this id."""
        return insert_unless_exists(self._connection, invitations, **values)

    def find(self, invitation_id: str) -> StoredInvitation | None:
        return self._one(select(invitations).where(invitations.c.id == invitation_id))

    def find_by_token(self, token_hash: bytes) -> StoredInvitation | None:
        return self._one(select(invitations).where(invitations.c.token_hash == token_hash))

    def find_pending(
        self, email_key: str, *, organization_id: str | None, now: dt.datetime
    ) -> StoredInvitation | None:
        """The one that still invites this address to that organization, or to none."""
        query = select(invitations).where(
            invitations.c.email_key == email_key,
            invitations.c.organization_id.is_not_distinct_from(organization_id),
            _is_pending(now),
        )
        return self._one(query.order_by(invitations.c.created_at.desc(), invitations.c.id.desc()).limit(1))

    def list(
        self,
        page: Page,
        *,
        email_key: str | None = None,
        organization_id: str | None = None,
        pending_at: dt.datetime | None = None,
    ) -> Slice[StoredInvitation]:
        where: list[Any] = [] if pending_at is None else [_is_pending(pending_at)]
        if email_key is not None:
            where.append(invitations.c.email_key == email_key)
        if organization_id is not None:
            where.append(invitations.c.organization_id == organization_id)
        return list_page(self._connection, invitations, StoredInvitation, page, *where)

    def accept(self, invitation_id: str, *, user_id: str, now: dt.datetime) -> StoredInvitation | None:
        """Once, while it is pending; None for whoever comes second, or too late."""
        return self._change(invitation_id, now=now, accepted_at=now, accepted_user_id=user_id)

    def revoke(self, invitation_id: str, *, now: dt.datetime) -> StoredInvitation | None:
        """Once, while it is pending."""
        return self._change(invitation_id, now=now, revoked_at=now)

    def resend(self, invitation_id: str, *, now: dt.datetime, **values: Any) -> StoredInvitation | None:
        """Only while it is pending."""
        return self._change(invitation_id, now=now, **values)

    def _change(self, invitation_id: str, *, now: dt.datetime, **values: Any) -> StoredInvitation | None:
        statement = (
            update(invitations)
            .where(invitations.c.id == invitation_id, _is_pending(now))
            .values(updated_at=now, **values)
            .returning(invitations)
        )
        return self._one(statement)

    def _one(self, statement: Any) -> StoredInvitation | None:
        return read_or_none(StoredInvitation, self._connection.execute(statement).one_or_none())


def _is_pending(now: dt.datetime) -> ColumnElement[bool]:
    return and_(
        invitations.c.accepted_at.is_(None),
        invitations.c.revoked_at.is_(None),
        invitations.c.expires_at > now,
    )
