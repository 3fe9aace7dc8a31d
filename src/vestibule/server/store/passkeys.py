"""Passkeys, and the challenges by which they are made and used."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, and_, delete, func, literal, or_, select, update

from vestibule.server.store.rows import Page, Slice, list_page, read, read_or_none
from vestibule.server.store.schema import passkey_challenges as challenges
from vestibule.server.store.schema import passkeys
from vestibule.server.store.upsert import insert_into, insert_unless_exists


@dataclass(frozen=True, slots=True)
class Passkey:
    id: str
    user_id: str
    credential_id: bytes = field(repr=False)
    public_key: bytes = field(repr=False)
    sign_count: int
    transports: list[str]
    aaguid: str
    backed_up: bool
    name: str
    last_used_at: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime


@dataclass(frozen=True, slots=True)
class PasskeyChallenge:
    """`user_id` is whom the ceremony names: the owner to be, or the one who is to prove it again."""

    purpose: str
    login_hash: bytes = field(repr=False)
    user_id: str | None
    expires_at: dt.datetime


class Passkeys:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> bool:
        """False when somebody, whoever it is, has this credential already."""
        return insert_unless_exists(self._connection, passkeys, **values)

    def find(self, passkey_id: str) -> Passkey | None:
        query = select(passkeys).where(passkeys.c.id == passkey_id)
        return read_or_none(Passkey, self._connection.execute(query).one_or_none())

    def find_by_credential(self, credential_id: bytes) -> Passkey | None:
        query = select(passkeys).where(passkeys.c.credential_id == credential_id)
        return read_or_none(Passkey, self._connection.execute(query).one_or_none())

    def list(self, page: Page, *, user_id: str) -> Slice[Passkey]:
        return list_page(self._connection, passkeys, Passkey, page, passkeys.c.user_id == user_id)

    def list_all(self, user_id: str) -> Sequence[Passkey]:
        query = select(passkeys).where(passkeys.c.user_id == user_id).order_by(passkeys.c.id)
        return [read(Passkey, row) for row in self._connection.execute(query)]

    def count(self, user_id: str) -> int:
        query = select(func.count()).where(passkeys.c.user_id == user_id)
        return int(self._connection.execute(query).scalar_one())

    def use(self, passkey_id: str, *, sign_count: int, backed_up: bool, now: dt.datetime) -> Passkey | None:
        """None when the counter has not moved on, which a copy of the key explains (WebAuthn §6.1.1); a key
        that never counts says 0 for ever."""
        never_counts = and_(passkeys.c.sign_count == 0, literal(sign_count) == 0)
        statement = (
            update(passkeys)
            .where(passkeys.c.id == passkey_id, or_(never_counts, passkeys.c.sign_count < sign_count))
            .values(sign_count=sign_count, backed_up=backed_up, last_used_at=now, updated_at=now)
            .returning(passkeys)
        )
        return read_or_none(Passkey, self._connection.execute(statement).one_or_none())

    def rename(self, passkey_id: str, *, user_id: str, name: str, now: dt.datetime) -> Passkey | None:
        statement = (
            update(passkeys)
            .where(passkeys.c.id == passkey_id, passkeys.c.user_id == user_id)
            .values(name=name, updated_at=now)
            .returning(passkeys)
        )
        return read_or_none(Passkey, self._connection.execute(statement).one_or_none())

    def delete(self, passkey_id: str, *, user_id: str) -> Passkey | None:
        statement = (
            delete(passkeys)
            .where(passkeys.c.id == passkey_id, passkeys.c.user_id == user_id)
            .returning(passkeys)
        )
        return read_or_none(Passkey, self._connection.execute(statement).one_or_none())

    def create_challenge(self, **values: Any) -> None:
        self._connection.execute(insert_into(self._connection, challenges).values(**values))

    def take_challenge(self, challenge_hash: bytes) -> PasskeyChallenge | None:
        """It is gone with that, whatever comes of it: one caller gets it, everybody else None."""
        statement = (
            delete(challenges).where(challenges.c.challenge_hash == challenge_hash).returning(challenges)
        )
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else read(PasskeyChallenge, row)

    def purge_challenges(self, *, expired_before: dt.datetime) -> None:
        self._connection.execute(delete(challenges).where(challenges.c.expires_at < expired_before))
