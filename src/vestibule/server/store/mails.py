"""Mails: the outbox, from which any number of workers send each message once, and the development inbox."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update

from vestibule.server.store.rows import read, read_or_none
from vestibule.server.store.schema import mails


@dataclass(frozen=True, slots=True)
class StoredMail:
    id: str
    kind: str
    recipient: str
    message_sealed: str = field(repr=False)
    attempts: int
    due_at: dt.datetime
    sent_at: dt.datetime | None
    failed_at: dt.datetime | None
    last_error: str | None
    created_at: dt.datetime


class Mails:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> None:
        self._connection.execute(insert(mails).values(attempts=0, **values))

    def claim(self, *, now: dt.datetime, lease: dt.timedelta, limit: int) -> list[StoredMail]:
        """Whoever gets a mail has it alone for `lease`; dying with it makes it due again, nothing is lost."""
        due = (
            select(mails.c.id)
            .where(mails.c.sent_at.is_(None), mails.c.failed_at.is_(None), mails.c.due_at <= now)
            .order_by(mails.c.due_at, mails.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        statement = (
            update(mails)
            .where(mails.c.id.in_(select(due.c.id)))
            .values(attempts=mails.c.attempts + 1, due_at=now + lease)
            .returning(mails)
        )
        claimed = [read(StoredMail, row) for row in self._connection.execute(statement)]
        return sorted(claimed, key=lambda mail: mail.id)

    def finish(self, mail: StoredMail, *, now: dt.datetime) -> bool:
        """Sent: the codes and links inside are wiped with it."""
        return self._close(mail, sent_at=now, message_sealed="", last_error=None)

    def postpone(self, mail: StoredMail, *, due_at: dt.datetime, error: str) -> bool:
        return self._close(mail, due_at=due_at, last_error=error)

    def fail(self, mail: StoredMail, *, now: dt.datetime, error: str, keeps: bool = False) -> bool:
        """`keeps` its text, so that it can be tried again."""
        wiped = {} if keeps else {"message_sealed": ""}
        return self._close(mail, failed_at=now, last_error=error, **wiped)

    def retry(self, mail_id: str, *, now: dt.datetime) -> StoredMail | None:
        """Due at once, with all its attempts before it. None when it was sent, or its text is gone."""
        left = (mails.c.id == mail_id, mails.c.sent_at.is_(None), mails.c.message_sealed != "")
        anew = {"failed_at": None, "attempts": 0, "due_at": now}
        statement = update(mails).where(*left).values(anew).returning(mails)
        return read_or_none(StoredMail, self._connection.execute(statement).one_or_none())

    def list_troubled(self, *, limit: int) -> Sequence[StoredMail]:
        """What failed for good, and what waits for another try; newest first."""
        trouble = and_(mails.c.sent_at.is_(None), mails.c.last_error.is_not(None))
        query = select(mails).where(trouble).order_by(mails.c.created_at.desc(), mails.c.id.desc())
        return [read(StoredMail, row) for row in self._connection.execute(query.limit(limit))]

    def _close(self, mail: StoredMail, **values: Any) -> bool:
        # `attempts` fences a worker whose lease ran out: the mail is somebody else's by then.
        mine = and_(mails.c.id == mail.id, mails.c.attempts == mail.attempts, mails.c.sent_at.is_(None))
        return self._connection.execute(update(mails).where(mine).values(**values)).rowcount == 1

    def count_waiting(self) -> int:
        waiting = select(func.count()).where(mails.c.sent_at.is_(None), mails.c.failed_at.is_(None))
        return int(self._connection.execute(waiting).scalar_one())

    def find(self, mail_id: str) -> StoredMail | None:
        query = select(mails).where(mails.c.id == mail_id)
        return read_or_none(StoredMail, self._connection.execute(query).one_or_none())

    def list(self, *, limit: int, recipient: str | None = None) -> list[StoredMail]:
        """Newest first."""
        query = select(mails).order_by(mails.c.created_at.desc(), mails.c.id.desc()).limit(limit)
        if recipient is not None:
            query = query.where(mails.c.recipient == recipient)
        return [read(StoredMail, row) for row in self._connection.execute(query)]

    def purge(self, *, done_before: dt.datetime) -> int:
        done = or_(mails.c.sent_at < done_before, mails.c.failed_at < done_before)
        return self._connection.execute(delete(mails).where(done)).rowcount
