"""The server of one process: an event loop in a thread of its own, and what runs beside it.

Of its own, because the app's may be none (WSGI), or one that waits for this very answer.
"""

import asyncio
import contextlib
import datetime as dt
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

from vestibule.embedded.exchanges import Answered, Asked, call
from vestibule.embedded.registering import Place, register
from vestibule.server.app import create_app
from vestibule.server.housekeeping import keep_house
from vestibule.server.identity.context import Identity, utc_now
from vestibule.server.identity.operators import new_setup_link
from vestibule.server.leaving import Leaving
from vestibule.server.settings import Settings
from vestibule.server.store.store import Store
from vestibule.wire.paths import ORGANIZATIONS, REVOKED, VALIDATIONS

GRACE_SECONDS: Final = 5.0
OF_THE_APP: Final = frozenset({VALIDATIONS, REVOKED})

Clock = Callable[[], float]


class Stopped(Exception):
    """This worker takes nothing any more: ask the next one."""


class Worker:
    """Starts by bringing the database up to date. `stop` is for good."""

    def __init__(
        self, settings: Settings, place: Place, *, management_api: bool, clock: Clock | None = None
    ) -> None:
        store = Store(settings.database)
        with contextlib.ExitStack() as unless_it_runs:
            unless_it_runs.callback(store.close)
            store.migrate()
            self.identity = Identity(store=store, settings=settings, clock=_moments(clock))
            self.registered = register(self.identity, place)
            unless_it_runs.pop_all()
        self._app = create_app(settings, identity=self.identity, management=management_api)
        # With the management API, for the little of it that the toolkit asks; made now: a request that
        # had to wait for it would wait within its deadline.
        self._whole = self._app if management_api else create_app(settings, identity=self.identity)
        self._leaving = Leaving(self.identity)
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._taking = threading.Lock()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="vestibule-server", daemon=True)
        self._thread.start()
        self._leaving.start()
        _offer_setup(self.identity)

    def ask(self, asked: Asked, *, inside: bool = False) -> "Future[Answered]":
        """Never cancelled by whoever waits: what has begun is finished. `inside`: the app itself asks, and
        may ask more than strangers. Raises Stopped."""
        app = self._whole if inside and _is_of_the_app(asked) else self._app
        with self._taking:
            if self._stopped:
                raise Stopped
            return asyncio.run_coroutine_threadsafe(call(app, asked), self._loop)

    def stop(self) -> None:
        """Finishes what is under way. Begins no thread, so that a program that ends may call it."""
        with self._taking:
            if self._stopped:
                return
            self._stopped = True
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._leaving.stop()
        self._thread.join(2 * GRACE_SECONDS)
        self.identity.store.close()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        house = asyncio.create_task(keep_house(self.identity))
        await self._stopping.wait()
        house.cancel()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        if rest:
            await asyncio.wait(rest, timeout=GRACE_SECONDS)


def _is_of_the_app(asked: Asked) -> bool:
    """What flows of the toolkit ask; the name of an organization is the one read among them."""
    above, _, last = asked.path.rpartition("/")
    names_one = asked.method == "GET" and above == ORGANIZATIONS and last != ""
    return names_one or asked.path in OF_THE_APP


def _offer_setup(identity: Identity) -> None:
    """In the terminal, as `vestibule serve` does: the link is a secret, and no log's to keep."""
    link = new_setup_link(identity) if identity.settings.dashboard else None
    if link is not None:
        sys.stderr.write(
            f"The dashboard has no operator yet. Whoever opens this within a day is its first:\n{link}\n"
        )


def _moments(clock: Clock | None) -> Callable[[], dt.datetime]:
    return utc_now if clock is None else lambda: dt.datetime.fromtimestamp(clock(), dt.UTC)
