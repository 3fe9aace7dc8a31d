"""Authentication policies: the environment's, and those of organizations that ask for more."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select

from vestibule.server.store.rows import read
from vestibule.server.store.schema import authentication_policies as policies
from vestibule.server.store.upsert import insert_into

ENVIRONMENT: Final = "environment"


# Made once: building it takes SQLAlchemy longer than running it, and each sign-in needs it.
THESE_TWO: Final = select(policies).where(policies.c.id.in_((bindparam("one"), bindparam("other"))))


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """`methods` is None when every one is allowed."""

    organization_id: str | None
    mfa: str
    methods: list[str] | None
    passkey_user_verification: str
    passkey_enrollment: str
    created_at: dt.datetime
    updated_at: dt.datetime


class Policies:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, organization_id: str | None) -> PolicyRow | None:
        found = self._list(organization_id or ENVIRONMENT)
        return found[0] if found else None

    def list_for(self, organization_id: str | None) -> Sequence[PolicyRow]:
        """The environment's and the organization's, as far as there are any."""
        return self._list(ENVIRONMENT, organization_id or ENVIRONMENT)

    def _list(self, one: str, other: str | None = None) -> Sequence[PolicyRow]:
        values = {"one": one, "other": other or one}
        return [read(PolicyRow, row) for row in self._connection.execute(THESE_TWO, values)]

    def put(self, organization_id: str | None, *, now: dt.datetime, **values: Any) -> PolicyRow:
        statement = insert_into(self._connection, policies).values(
            id=organization_id or ENVIRONMENT,
            organization_id=organization_id,
            created_at=now,
            updated_at=now,
            **values,
        )
        changed = {name: statement.excluded[name] for name in (*values, "updated_at")}
        put = statement.on_conflict_do_update(index_elements=["id"], set_=changed)
        return read(PolicyRow, self._connection.execute(put.returning(policies)).one())
