"""What an adapter hands requests to, and what the app asks for tokens: the server of this process, begun when
it is first needed, and anew in a process that was forked."""

import asyncio
import contextlib
import os
import threading
import weakref
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from vestibule.asgi import AsgiSend as Send
from vestibule.asgi import Receive, Scope, split_path
from vestibule.embedded import exchanges, strangers
from vestibule.embedded.choices import Choices, choose
from vestibule.embedded.exchanges import Answered, Asked
from vestibule.embedded.registering import Place, register_callback
from vestibule.embedded.worker import Clock, Stopped, Worker
from vestibule.errors import ConfigError, Unreachable
from vestibule.flow import HttpRequest, HttpResponse
from vestibule.installation import Installation
from vestibule.send import Sender, Transport
from vestibule.server.identity.context import Identity
from vestibule.session import checks
from vestibule.session.config import Config

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


ATTEMPTS: Final = 3
"""A worker may have been stopped between being found and being asked; not three in a row."""


class EmbeddedServer:
    """`Mounted`, as `vestibule.installation` describes it."""

    def __init__(
        self, path: str, *, settings: Mapping[str, Any], management_api: bool, clock: Clock | None
    ) -> None:
        self.path = path
        self._given = settings
        self._management_api = management_api
        self._clock = clock
        self._installation: Callable[[], Installation | None] = lambda: None
        self._choices: Choices | None = None
        self._callbacks: set[str] = set()
        self._lock = threading.RLock()
        self._worker: Worker | None = None
        self._stop: weakref.finalize[Any, EmbeddedServer] | None = None
        self.transport: Transport = _Line(self)
        _all.add(self)

    def takes(self, path: str) -> bool:
        return path.startswith(self.path) and path[len(self.path) : len(self.path) + 1] in ("", "/")

    def configure(self, redirect_uri: str | Callable[[], str] | None, defaults: dict[str, Any]) -> Config:
        """Begins the server, which alone knows its client ID. Raises ConfigError."""
        with self._lock:
            self._choices = choose(
                self.path, settings=self._given, redirect_uri=redirect_uri, defaults=defaults
            )
            config, registered = self._choices.config, self._begin().registered
            if not isinstance(config.redirect_uri, str):
                config = replace(config, redirect_uri=self._registering(config.redirect_uri))
            return replace(config, client_id=registered.client_id, api_key=registered.api_key)

    @property
    def identity(self) -> Identity:
        return self.running().identity

    def belongs_to(self, installation: Installation) -> None:
        """Whose settings say how to begin, whoever is asked first."""
        self._installation = weakref.ref(installation)

    def running(self) -> Worker:
        """Raises ConfigError."""
        worker = self._worker
        if worker is not None:
            return worker
        installation = self._installation()
        if self._choices is None and installation is not None:
            _ = installation.config  # not under our lock: it has one of its own, and takes ours inside
        return self._begin()

    def close(self) -> None:
        """Until somebody asks again."""
        with self._lock:
            stop, self._worker, self._stop = self._stop, None, None
            if stop is not None:
                stop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._worker is None:
            await asyncio.to_thread(self.running)
        asked = await exchanges.read_scope(scope, self._below(split_path(scope)[1]), receive)
        refused = self._refuse(asked)
        answered = refused or self._from_outside(await asyncio.wrap_future(self._ask(asked)))
        await exchanges.send_answer(answered, send)

    def wsgi(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "").encode("latin-1", "replace").decode("utf-8", "replace")
        asked = exchanges.read_environ(environ, self._below(path))
        answered = self._refuse(asked) or self._from_outside(self._ask(asked).result())
        exchanges.start_answer(answered, start_response)
        return [] if asked.method == "HEAD" else [answered.body]

    def exchange(self, request: HttpRequest, seconds: float) -> HttpResponse:
        """What the app asks its server, without a network. Raises Unreachable."""
        parts = urlsplit(request.url)
        asked = Asked(
            method=request.method,
            path=self._below(unquote(parts.path).removeprefix(self._above())),
            query=parts.query.encode(),
            headers=tuple((name.lower().encode(), value.encode()) for name, value in request.headers.items()),
            body=request.body,
        )
        try:
            answered = self._ask(asked, inside=True).result(seconds)
        except TimeoutError:
            raise Unreachable(f"the server inside the app did not answer within {seconds:g} s") from None
        except Exception as error:
            raise Unreachable(f"the server inside the app failed: {type(error).__name__}") from error
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in answered.headers}
        return HttpResponse(answered.status, answered.body, headers)

    def begin_anew(self) -> None:
        """In a forked child: threads, locks and connections are the parent's. They are kept, for closing a
        connection would be felt there."""
        _of_parents.append(self._worker)
        if self._stop is not None:
            self._stop.detach()
        self._lock, self._worker, self._stop = threading.RLock(), None, None

    def _ask(self, asked: Asked, *, inside: bool = False) -> "Future[Answered]":
        for _ in range(ATTEMPTS):
            with contextlib.suppress(Stopped):
                return self.running().ask(asked, inside=inside)
        raise Unreachable("the server inside the app is ending, and so is the app")

    def _begin(self) -> Worker:
        with self._lock:
            if self._worker is None:
                if self._choices is None:
                    raise ConfigError("The app that this server is inside of is gone.")
                config, settings = self._choices.config, self._choices.settings
                self._callbacks = {config.callback_url()}
                worker = Worker(
                    settings,
                    _place(config, self._above()),
                    management_api=self._management_api,
                    clock=self._clock,
                )
                self._worker, self._stop = worker, weakref.finalize(self, worker.stop)
            return self._worker

    def _registering(self, redirect_uri: Callable[[], str]) -> Callable[[], str]:
        def registered() -> str:
            uri = redirect_uri()
            if uri not in self._callbacks and not any(checks.redirect_uri(uri)):  # which `Config` will say
                # A function may go by the Host header, and whoever sends one must not register an address.
                if checks.origin_of(uri) != self.identity.settings.origin:
                    raise ConfigError(f"{uri!r} is not at the address of the server inside the app.")
                register_callback(self.identity, uri)
                self._callbacks.add(uri)
            return uri

        return registered

    def _above(self) -> str:
        """What the app itself is mounted under, as far as its settings say so."""
        return "" if self._choices is None else self._choices.settings.path.removesuffix(self.path)

    def _below(self, path: str) -> str:
        return path.removeprefix(self.path) or "/"

    def _refuse(self, asked: Asked) -> Answered | None:
        settings = self.running().identity.settings
        return strangers.refusal() if settings.development and strangers.is_stranger(asked) else None

    def _from_outside(self, answered: Answered) -> Answered:
        """As a proxy does: the server's redirects name its own paths, and a browser needs whole ones."""
        base = self.running().identity.settings.path.encode()
        headers = tuple(
            (name, base + value if name == b"location" and value.startswith(b"/") else value)
            for name, value in answered.headers
        )
        return replace(answered, headers=headers)


class _Line(Sender):
    """From the app to its server. Closing it stops the server too."""

    def __init__(self, server: EmbeddedServer) -> None:
        self._server = found = weakref.ref(server)

        def exchange(request: HttpRequest, seconds: float) -> HttpResponse:
            server = found()
            if server is None:
                raise Unreachable("the app that the server was inside of is gone")
            return server.exchange(request, seconds)

        super().__init__(exchange=exchange)

    def close(self) -> None:
        super().close()
        server = self._server()
        if server is not None:
            server.close()


def _place(config: Config, above: str) -> Place:
    app = config.origin + above
    return Place(
        callback=config.callback_url(), home=app + config.home, sign_in=f"{app}{config.prefix}/sign-in"
    )


_all: "weakref.WeakSet[EmbeddedServer]" = weakref.WeakSet()
_of_parents: list[Worker | None] = []


def _after_fork() -> None:  # pragma: no cover - measured in the parent only
    for server in list(_all):
        server.begin_anew()


if hasattr(os, "register_at_fork"):  # pragma: no branch - not on Windows
    os.register_at_fork(after_in_child=_after_fork)
