"""What a guarded page costs in each framework, beside that framework's own hello world.

The apps are called directly, without a server: what a server adds falls on both sides, and would only make
our share look smaller. Warm: the key set is there and the token has been seen before.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import django
import fastapi
import flask
import litestar
import starlette.applications
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse as DjangoResponse
from django.urls import path
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from werkzeug.test import EnvironBuilder, run_wsgi_app

from benchmarks.rounds import Pace, Timer, microseconds, take_turns
from benchmarks.subject import Subject
from benchmarks.table import Row
from vestibule import django as vestibule_django
from vestibule import fastapi as vestibule_fastapi
from vestibule import flask as vestibule_flask
from vestibule import litestar as vestibule_litestar
from vestibule import starlette as vestibule_starlette

Apps = tuple[Any, Any]

NOTES = """
Each framework's own hello world, and the same page guarded by `requires()`, called directly in one process:
no server, no socket. What a server adds falls on both sides; with uvicorn in front the figures of
[results.md](results.md) hold. The token has been seen before (`token_cache`, on by default), the cookie is
opened each time.

Most of what is added is the same in every framework: opening the seal (two key derivations, HMAC, AES,
JSON). `cookie_cache` saves that.
"""


def rows(pace: Pace) -> Iterator[Row]:
    subject = Subject()
    for name, (make, called) in FRAMEWORKS.items():
        plain, guarded = make(subject)
        timers = {"plain": called(plain, subject.cookie), "guarded": called(guarded, subject.cookie)}
        rounds = take_turns(timers, pace)
        yield Row(
            metric=f"guarded page, {name}",
            peer=f"its hello world, {rounds['plain']:.0f} µs",
            ours=f"{rounds['guarded']:.0f} µs",
            measured=rounds.ratio("guarded", "plain"),
            unit="x",
        )


def of_starlette(subject: Subject) -> Apps:
    async def hello(request: Any) -> PlainTextResponse:
        return PlainTextResponse("hello")

    plain = starlette.applications.Starlette(routes=[Route("/", hello)])
    guarded = starlette.applications.Starlette(routes=[Route("/", vestibule_starlette.requires()(hello))])
    vestibule_starlette.Auth(guarded, subject.config, send=subject.send)
    return plain, guarded


def of_fastapi(subject: Subject) -> Apps:
    async def hello() -> str:
        return "hello"

    plain, guarded = fastapi.FastAPI(), fastapi.FastAPI()
    plain.get("/")(hello)
    guarded.get("/", dependencies=[vestibule_fastapi.requires()])(hello)
    vestibule_fastapi.Auth(guarded, subject.config, send=subject.send)
    return plain, guarded


def of_litestar(subject: Subject) -> Apps:
    @litestar.get("/", media_type="text/plain")
    async def hello() -> str:
        return "hello"

    @litestar.get("/", media_type="text/plain", guards=[vestibule_litestar.requires()])
    async def private() -> str:
        return "hello"

    auth = vestibule_litestar.Auth(subject.config, send=subject.send)
    plain = litestar.Litestar([hello], openapi_config=None)
    return plain, litestar.Litestar([private], plugins=[auth], openapi_config=None)


def of_flask(subject: Subject) -> Apps:
    plain, guarded = flask.Flask("plain"), flask.Flask("guarded")
    plain.get("/")(lambda: "hello")
    guarded.get("/")(vestibule_flask.requires()(lambda: "hello"))
    vestibule_flask.Auth(guarded, subject.config, send=subject.send)
    return plain, guarded


def of_django(subject: Subject) -> Apps:
    def hello(request: Any) -> DjangoResponse:
        return DjangoResponse("hello")

    urls = [path("", hello), path("private", vestibule_django.requires()(hello))]
    settings.configure(
        ALLOWED_HOSTS=["localhost"], ROOT_URLCONF=type("Urls", (), {"urlpatterns": urls}), MIDDLEWARE=[]
    )
    django.setup()
    plain = WSGIHandler()
    settings.VESTIBULE = vestibule_django.Auth(subject.config, send=subject.send)
    settings.MIDDLEWARE = ["vestibule.django.AuthMiddleware"]
    guarded = WSGIHandler()
    return plain, lambda environ, start: guarded({**environ, "PATH_INFO": "/private"}, start)


def awaited(app: Any, cookie: str) -> Timer:
    headers = [(b"host", b"localhost"), (b"cookie", cookie.encode())]

    async def call() -> None:
        scope = {
            "type": "http", "method": "GET", "path": "/", "raw_path": b"/", "query_string": b"",
            "root_path": "", "scheme": "http", "headers": list(headers), "server": ("localhost", 80),
            "client": ("127.0.0.1", 1), "http_version": "1.1", "state": {}, "extensions": {},
        }  # fmt: skip
        statuses: list[int] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        await app(scope, receive, send)
        _check(statuses)

    async def many(seconds: float) -> float:
        started, calls = time.perf_counter(), 0
        while (passed := time.perf_counter() - started) < seconds:
            await call()
            calls += 1
        return passed * 1_000_000 / calls

    return lambda seconds: asyncio.run(many(seconds))


def waited(app: Any, cookie: str) -> Timer:
    environ = EnvironBuilder("/", headers={"Cookie": cookie}).get_environ()

    def call() -> None:
        _, status, _ = run_wsgi_app(app, dict(environ), buffered=True)
        _check([int(status[:3])])

    return microseconds(call)


def _check(statuses: list[int]) -> None:
    if statuses != [200]:
        raise RuntimeError(f"the benchmark's own request was answered {statuses}")


Make = Callable[[Subject], Apps]
Called = Callable[[Any, str], Timer]
FRAMEWORKS: dict[str, tuple[Make, Called]] = {
    "Starlette": (of_starlette, awaited),
    "FastAPI": (of_fastapi, awaited),
    "Litestar": (of_litestar, awaited),
    "Flask": (of_flask, waited),
    "Django": (of_django, waited),
}
