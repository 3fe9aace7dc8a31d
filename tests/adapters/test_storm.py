"""Many requests of one browser whose token has just run out, all at once: the server is asked once."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from tests.adapters.driving import scope
from tests.adapters.real import issuer_over_http
from tests.adapters.test_real_servers import KINDS
from vestibule.testing import TestIssuer

# A busy machine cannot begin a thousand at once within the three seconds that a refresh may take.
CROWDS = [100, pytest.param(1000, marks=pytest.mark.verify)]
LIMIT = 30
# Under ASGI Django takes its time for each request, and a busy machine more than a refresh may take.
MARKS = {"django-async": [pytest.mark.verify]}


@pytest.fixture(params=[pytest.param(kind, marks=MARKS.get(kind, ())) for kind in KINDS if kind != "quart"])
def subject(request: pytest.FixtureRequest) -> Iterator[tuple[str, Any, TestIssuer]]:
    """The app with the real sender, and an issuer over HTTP."""
    kind, create_app, auth_class = KINDS[request.param]
    with issuer_over_http("http://localhost/auth/callback") as issuer:
        app = create_app()
        auth = auth_class(app, issuer.config)
        yield kind, app, issuer
        auth.transport.close()


@pytest.mark.parametrize("crowd", CROWDS)
def test_all_requests_at_expiry_are_one_refresh(subject: tuple[str, Any, TestIssuer], crowd: int) -> None:
    kind, app, issuer = subject
    # The key set is there before, as in any app that has served somebody.
    assert statuses(kind, app, issuer.cookies(), 1) == [200]
    assert statuses(kind, app, issuer.cookies(expires_in=-1), crowd) == [200] * crowd
    assert len(issuer.requests_to("authenticate")) == 1


def statuses(kind: str, app: Any, cookies: dict[str, str], crowd: int) -> list[int]:
    (cookie,) = (f"{name}={value}" for name, value in cookies.items())
    return asgi(app, cookie, crowd) if kind == "asgi" else wsgi(app, cookie, crowd)


def asgi(app: Any, cookie: str, crowd: int) -> list[int]:
    async def ask() -> int:
        found: list[int] = []
        waiting: list[dict[str, Any]] = [{"type": "http.request"}]

        async def receive() -> dict[str, Any]:
            return waiting.pop() if waiting else await asyncio.Event().wait()  # type: ignore[return-value]

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                found.append(message["status"])

        await app(scope("/me", headers=[("cookie", cookie)]), receive, send)
        return found[0]

    async def everybody() -> list[int]:
        return list(await asyncio.gather(*(ask() for _ in range(crowd))))

    return asyncio.run(everybody())


def wsgi(app: Any, cookie: str, crowd: int) -> list[int]:
    start = threading.Barrier(crowd)

    def ask(_: int) -> int:
        start.wait(LIMIT)
        environ = EnvironBuilder("/me", headers={"Cookie": cookie}).get_environ()
        _, status, _ = run_wsgi_app(app, environ, buffered=True)
        return int(status.partition(" ")[0])

    with ThreadPoolExecutor(crowd) as threads:
        return list(threads.map(ask, range(crowd)))
