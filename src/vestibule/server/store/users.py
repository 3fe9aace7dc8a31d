"""Users: one row a person, found by id, by canonical e-mail address or by the app's own id."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from vestibule.server.store.rows import Page, Slice, list_page, read, read_or_none
from vestibule.server.store.schema import memberships, users
from vestibule.server.store.user_terms import OF, add_terms, set_terms

UNIQUE: Final = {"email_key": "email_key", "external_id": "external_id", "users.id": "id", "pk_users": "id"}

# Made once: building it takes SQLAlchemy longer than running it, and each refresh needs it.
FIND: Final = select(users).where(users.c.id == bindparam("user"))
CREATE: Final = insert(users).returning(users)
FIND_BY_EMAIL_KEY: Final = select(users).where(users.c.email_key == bindparam("key"))
FIND_BY_EXTERNAL_ID: Final = select(users).where(users.c.external_id == bindparam("key"))
RECORD_SIGN_IN: Final = (
    update(users)
    .where(users.c.id == bindparam("user"))
    .values(last_sign_in_at=bindparam("moment"))
    .returning(users)
)


class Taken(Exception):
    """Another user has this value; the transaction is lost."""

    def __init__(self, column: str) -> None:
        super().__init__(f"another user has this {column}")
        self.column = column


@dataclass(frozen=True, slots=True)
class User:
    """A person, field by field as the API shows it."""

    id: str
    email: str
    email_verified: bool
    first_name: str | None = field(repr=False)
    last_name: str | None = field(repr=False)
    name: str | None = field(repr=False)
    profile_picture_url: str | None = field(repr=False)
    locale: str | None
    external_id: str | None
    metadata: Mapping[str, str] = field(repr=False)
    last_sign_in_at: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime
    suspended_at: dt.datetime | None = None


class Users:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> User:
        """Raises Taken when the id, the e-mail key or the external id belongs to somebody."""
        try:
            user = read(User, self._connection.execute(CREATE, values).one())
        except IntegrityError as error:
            raise Taken(_column(error)) from None
        add_terms(self._connection, [(user.id, _searched(user))])
        return user

    def find(self, user_id: str) -> User | None:
        return read_or_none(User, self._connection.execute(FIND, {"user": user_id}).one_or_none())

    def find_all(self, user_ids: Collection[str]) -> Mapping[str, User]:
        """By id; those that are gone are left out."""
        query = select(users).where(users.c.id.in_(user_ids))
        return {row.id: read(User, row) for row in self._connection.execute(query)}

    def find_by_email_key(self, email_key: str) -> User | None:
        found = self._connection.execute(FIND_BY_EMAIL_KEY, {"key": email_key}).one_or_none()
        return read_or_none(User, found)

    def find_by_external_id(self, external_id: str) -> User | None:
        found = self._connection.execute(FIND_BY_EXTERNAL_ID, {"key": external_id}).one_or_none()
        return read_or_none(User, found)

    def list(
        self, page: Page, *, email_key: str | None = None, organization_id: str | None = None
    ) -> Slice[User]:
        where: list[Any] = []
        if email_key is not None:
            where.append(users.c.email_key == email_key)
        if organization_id is not None:
            members = select(memberships.c.user_id).where(memberships.c.organization_id == organization_id)
            where.append(users.c.id.in_(members))
        return list_page(self._connection, users, User, page, *where)

    def lock(self, user_id: str) -> User | None:
        """The user, held until the transaction ends: what is decided on it stays true."""
        query = select(users).where(users.c.id == user_id).with_for_update()
        return read_or_none(User, self._connection.execute(query).one_or_none())

    def update(self, user_id: str, **values: Any) -> User | None:
        """Raises Taken, as `create`."""
        statement = update(users).where(users.c.id == user_id).values(**values).returning(users)
        try:
            user = read_or_none(User, self._connection.execute(statement).one_or_none())
        except IntegrityError as error:
            raise Taken(_column(error)) from None
        if user is not None and not OF.isdisjoint(values):
            set_terms(self._connection, user.id, _searched(user))
        return user

    def suspend(self, user_id: str, *, now: dt.datetime) -> User | None:
        """None when there is none, or they were."""
        return self._suspend(user_id, users.c.suspended_at.is_(None), now, now)

    def unsuspend(self, user_id: str, *, now: dt.datetime) -> User | None:
        """None when there is none, or they were not."""
        return self._suspend(user_id, users.c.suspended_at.is_not(None), None, now)

    def _suspend(
        self, user_id: str, condition: Any, suspended_at: dt.datetime | None, now: dt.datetime
    ) -> User | None:
        statement = (
            update(users)
            .where(users.c.id == user_id, condition)
            .values(suspended_at=suspended_at, updated_at=now)
            .returning(users)
        )
        return read_or_none(User, self._connection.execute(statement).one_or_none())

    def verify_email(self, user_id: str, *, email: str, now: dt.datetime) -> User | None:
        """Only while the address is still the one that was proven."""
        statement = (
            update(users)
            .where(users.c.id == user_id, users.c.email == email)
            .values(email_verified=True, updated_at=now)
            .returning(users)
        )
        return read_or_none(User, self._connection.execute(statement).one_or_none())

    def record_sign_in(self, user_id: str, *, now: dt.datetime) -> User | None:
        """Leaves `updated_at` alone: signing in is no change of the user."""
        values = {"user": user_id, "moment": now}
        return read_or_none(User, self._connection.execute(RECORD_SIGN_IN, values).one_or_none())

    def delete(self, user_id: str) -> User | None:
        """Takes everything of theirs along: credentials, identities, codes, sessions, memberships."""
        statement = delete(users).where(users.c.id == user_id).returning(users)
        return read_or_none(User, self._connection.execute(statement).one_or_none())


def _searched(user: User) -> Mapping[str, Any]:
    return {column: getattr(user, column) for column in OF}


def _column(error: IntegrityError) -> str:
    # SQLite's message and PostgreSQL's constraint name both carry the column, and no value of a user.
    diagnosis = getattr(error.orig, "diag", None)
    text = getattr(diagnosis, "constraint_name", None) or str(error.orig)
    for part, column in UNIQUE.items():
        if part in text:
            return column
    raise error
