import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier

import pytest

from tests.server.apps import App
from tests.server.people import events_of
from vestibule.server.identity.errors import OAuthDenied
from vestibule.server.identity.sessions import get_session, logout
from vestibule.server.store.schema import refresh_tokens

THREADS = 8


def count_generations(app: App) -> int:
    with app.identity.store.read() as tx:
        return len(tx.connection.execute(refresh_tokens.select()).all())


def test_threads_that_refresh_at_once_get_one_successor(app: App) -> None:
    token = app.sign_in(app.create_user()).refresh_token
    together = Barrier(THREADS)

    def refresh(_: int) -> str:
        together.wait()
        return app.refresh(token).refresh_token

    with ThreadPoolExecutor(THREADS) as pool:
        for _ in range(10):
            successors = set(pool.map(refresh, range(THREADS)))
            assert len(successors) == 1
            (token,) = successors
    assert count_generations(app) == 11


class Worker:
    def __init__(self, app: App) -> None:
        settings, now = app.identity.settings, int(app.identity.now.timestamp())
        command = [sys.executable, "-m", "tests.server.refresh_worker"]
        command += [settings.database, settings.secret, app.client_id, str(now)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="ascii"
        )

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def begin(self, token: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(token + "\n")
        self.process.stdin.flush()

    def finish(self) -> list[str]:
        assert self.process.stdout is not None
        return self.process.stdout.readline().split()


@pytest.fixture
def workers(app: App) -> Iterator[list[Worker]]:
    with ExitStack() as stack:
        yield [stack.enter_context(Worker(app)) for _ in range(2)]


@pytest.mark.parametrize("rounds", [25, pytest.param(1_000, marks=[pytest.mark.slow, pytest.mark.verify])])
def test_RT_5_two_tabs_on_two_workers_lose_no_session(app: App, workers: list[Worker], rounds: int) -> None:
    first = app.sign_in(app.create_user())
    token = first.refresh_token
    for _ in range(rounds):
        for worker in workers:
            worker.begin(token)
        successors = [successor for worker in workers for successor in worker.finish()]
        assert len(successors) == 4
        assert len(set(successors)) == 1
        token = successors[0]
    assert count_generations(app) == rounds + 1
    assert get_session(app.identity, first.session.id).ended_at is None
    assert events_of(app.identity, "session.refresh_token_reused") == []


def test_a_sign_out_beats_the_refreshes_around_it(app: App) -> None:
    user = app.create_user()
    together = Barrier(3)

    def refresh(token: str) -> str | None:
        together.wait()
        try:
            return app.refresh(token).refresh_token
        except OAuthDenied:
            return None

    def sign_out(session_id: str) -> None:
        together.wait()
        logout(app.identity, session_id)

    with ThreadPoolExecutor(3) as pool:
        for _ in range(10):
            signed_in = app.sign_in(user)
            refreshes = [pool.submit(refresh, signed_in.refresh_token) for _ in range(2)]
            pool.submit(sign_out, signed_in.session.id).result()
            given = {signed_in.refresh_token, *(refresh.result() for refresh in refreshes)} - {None}
            for token in given:
                with pytest.raises(OAuthDenied, match="refresh token"):
                    app.refresh(token)
