"""A process that makes people, tells of them by webhook and mail, and dies at a chosen moment; then the next.

The program itself knows nothing of it: commits are watched by SQLAlchemy's events, what is sent by a client
from here. One JSON argument (a `Job`); each death is a line of JSON on standard output.
"""

import contextlib
import datetime as dt
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.pool import Pool

from vestibule.flow import HttpRequest, HttpResponse
from vestibule.server.identity.context import Identity, utc_now
from vestibule.server.identity.outbox import deliver_due
from vestibule.server.identity.users import create_user
from vestibule.server.identity.verification import send_verification
from vestibule.server.identity.webhook_outbox import claim, deliver
from vestibule.server.identity.webhooks import reach_of
from vestibule.server.mail.smtp import SmtpServer
from vestibule.server.outbound.client import Outbound
from vestibule.server.settings import Settings
from vestibule.server.store.store import Store

STATEMENTS = {
    "INSERT INTO events": "the change",
    "INSERT INTO webhook_deliveries": "the queueing",
    "UPDATE webhook_deliveries": "the record of a webhook",
    "UPDATE mails": "the record of a mail",
}
SENDING = "the sending"
MOMENTS = tuple(f"{when} {what}" for what in (*STATEMENTS.values(), SENDING) for when in ("before", "after"))
PEOPLE = 3
A_LEASE = dt.timedelta(minutes=10)
"""How much later each life begins, by its own clock: what the dead one had is free again."""


@dataclass(frozen=True, slots=True)
class Life:
    """Ends when it comes to `moment` for the `times`-th time; an empty one is lived to its end."""

    moment: str
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    database: str
    secret: str
    smtp_url: str
    lives: tuple[Life, ...]


class Fuse:
    def __init__(self, life: Life) -> None:
        self._life = life
        self._seen = 0
        self._lock = threading.Lock()

    def pass_by(self, moment: str) -> None:
        if moment != self._life.moment:
            return
        with self._lock:
            self._seen += 1
            if self._seen == self._life.times:
                os.kill(os.getpid(), signal.SIGKILL)


def watch_commits(fuse: Fuse) -> None:
    @event.listens_for(Engine, "before_cursor_execute")
    def executing(connection: Any, cursor: Any, statement: str, *_: object) -> None:
        for beginning, what in STATEMENTS.items():
            if beginning in statement:
                connection.info.setdefault("does", set()).add(what)

    @event.listens_for(Engine, "commit")
    def committing(connection: Any) -> None:
        done = connection.info.pop("does", set())
        for what in done:
            fuse.pass_by(f"before {what}")
        connection.info["did"] = done

    @event.listens_for(Pool, "checkin")
    def given_back(connection: Any, record: Any) -> None:
        record.info.pop("does", None)
        for what in record.info.pop("did", ()):
            fuse.pass_by(f"after {what}")


class Watched(Outbound):
    """The client of the program, seen from outside."""

    fuse: Fuse

    @contextlib.contextmanager
    def line(self) -> Iterator[Any]:
        with super().line() as line:
            yield WatchedLine(line, self.fuse)


@dataclass(frozen=True, slots=True)
class WatchedLine:
    line: Any
    fuse: Fuse

    def send(self, request: HttpRequest, **options: Any) -> HttpResponse:
        self.fuse.pass_by(f"before {SENDING}")
        response: HttpResponse = self.line.send(request, **options)
        self.fuse.pass_by(f"after {SENDING}")
        return response


def live(job: Job, number: int) -> None:
    fuse = Fuse(job.lives[number])
    watch_commits(fuse)
    settings = Settings(
        public_url="http://localhost:8100",
        database=job.database,
        secret=job.secret,
        development=True,
        smtp_url=job.smtp_url,
    )
    store = Store(job.database)
    identity = Identity(store, settings, lambda: utc_now() + number * A_LEASE)
    outbound = Watched(reach_of(settings))
    outbound.fuse = fuse
    for person in range(PEOPLE):
        user = create_user(identity, email=f"person{number}-{person}@example.com")
        send_verification(identity, user.id)
    mail_server = SmtpServer.from_url(job.smtp_url)
    waiting = True
    while waiting:
        batch = claim(identity)
        if batch is not None:
            deliver(identity, batch, outbound)
        waiting = bool(deliver_due(identity, mail_server)) or batch is not None
    store.close()


def die(job: Job, number: int) -> bool:
    """One life, in a child of this process, which has imported all and opened nothing. Whether it died."""
    child = os.fork()
    if child == 0:
        try:
            live(job, number)
        except BaseException as error:
            sys.stderr.write(f"{error!r}\n")
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise SystemExit(f"life {number} failed")
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def main(text: str) -> None:
    values = json.loads(text)
    job = Job(**values | {"lives": tuple(Life(**life) for life in values["lives"])})
    for number, life in enumerate(job.lives):
        sys.stdout.write(json.dumps(asdict(life) | {"died": die(job, number)}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
