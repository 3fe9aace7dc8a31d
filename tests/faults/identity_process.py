"""The identity server as a process that dies at a chosen moment, and the supervisor that starts it again.

The program itself knows nothing of it: the moments are watched from outside, by SQLAlchemy's events and
around the ASGI app. One JSON argument (a `Job`); each death is a line of JSON on standard output. After the
last the server stays.
"""

import json
import os
import signal
import sys
import threading
import time
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.pool import Pool

from vestibule.server.app import create_app
from vestibule.server.identity.context import Identity
from vestibule.server.serving import bind, run
from vestibule.server.settings import Settings
from vestibule.server.store.store import Store
from vestibule.wire.paths import AUTHENTICATE

BEFORE_COMMIT, AFTER_COMMIT, FIRST_BYTE = "before commit", "after commit", "after the first byte"
AT_RANDOM = "at random"
POINTS = (BEFORE_COMMIT, AFTER_COMMIT, FIRST_BYTE)
LONGEST_LIFE = 10.0


@dataclass(frozen=True, slots=True)
class Life:
    """Ends at the `rotations`-th rotation that gets to `point`, or `seconds` after its start."""

    point: str
    rotations: int = 1
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Death:
    point: str
    reached: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    port: int
    url: str
    database: str
    secret: str
    access_token_seconds: int = 300
    lives: tuple[Life, ...] = ()


class Fuse:
    def __init__(self, life: Life | None) -> None:
        self._life = life
        self._seen = 0
        self._lock = threading.Lock()

    def pass_by(self, point: str) -> None:
        if self._life is None or self._life.point != point:
            return
        with self._lock:
            self._seen += 1
            if self._seen == self._life.rotations:
                os.kill(os.getpid(), signal.SIGKILL)


def watch_commits(fuse: Fuse) -> None:
    @event.listens_for(Engine, "before_cursor_execute")
    def executing(connection: Any, cursor: Any, statement: str, *_: object) -> None:
        if statement.startswith("UPDATE refresh_tokens"):
            connection.info["rotates"] = True

    @event.listens_for(Engine, "commit")
    def committing(connection: Any) -> None:
        if connection.info.pop("rotates", False):
            fuse.pass_by(BEFORE_COMMIT)
            connection.info["rotated"] = True

    @event.listens_for(Pool, "checkin")
    def given_back(connection: Any, record: Any) -> None:
        record.info.pop("rotates", None)
        if record.info.pop("rotated", False):
            fuse.pass_by(AFTER_COMMIT)


def watch_replies(app: Any, fuse: Fuse) -> Any:
    async def watched(scope: Any, receive: Any, send: Any) -> None:
        async def sending(message: Any) -> None:
            await send(message)
            if message["type"] == "http.response.start" and message["status"] == 200:
                fuse.pass_by(FIRST_BYTE)

        refreshes = scope["type"] == "http" and scope["path"] == AUTHENTICATE
        await app(scope, receive, sending if refreshes else send)

    return watched


def live(job: Job, life: Life | None) -> None:
    fuse = Fuse(life)
    watch_commits(fuse)
    settings = Settings(
        public_url=job.url,
        secret=job.secret,
        development=True,
        access_token_seconds=job.access_token_seconds,
    )
    store = Store(job.database)
    app = create_app(settings, identity=Identity(store, settings))
    run(watch_replies(app, fuse), bind("127.0.0.1", job.port))
    store.close()


def die(job: Job, life: Life) -> Death:
    """One life in a child of this process, which has imported everything and opened nothing."""
    child = os.fork()
    if child == 0:
        try:
            live(job, life)
        finally:
            os._exit(1)
    began, patience = time.monotonic(), life.seconds or LONGEST_LIFE
    while time.monotonic() - began < patience:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return Death(life.point, os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL)
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return Death(life.point, bool(life.seconds))


def main(text: str) -> None:
    values = json.loads(text)
    job = Job(**values | {"lives": tuple(Life(**life) for life in values.get("lives", ()))})
    for life in job.lives:
        sys.stdout.write(json.dumps(asdict(die(job, life))) + "\n")
        sys.stdout.flush()
    live(job, None)


if __name__ == "__main__":
    main(sys.argv[1])
