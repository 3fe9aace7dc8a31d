"""The server: every route in one Starlette application, and what runs beside it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from vestibule.errors import ConfigError
from vestibule.server import (
    account,
    api,
    branding,
    browsers,
    dashboard,
    health,
    inbox,
    login,
    metrics,
    oidc,
    page_templates,
    pages,
)
from vestibule.server.answers import message
from vestibule.server.branches import Branches
from vestibule.server.cors import Cors, Preflight
from vestibule.server.hops import Hops, Overloaded
from vestibule.server.housekeeping import keep_house
from vestibule.server.identity.branding import check_file, last_branding
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import ensure_environment
from vestibule.server.identity.keys import ensure_signing_key
from vestibule.server.languages import mark
from vestibule.server.leaving import Leaving
from vestibule.server.middleware import Edge
from vestibule.server.settings import Settings
from vestibule.server.store.store import Store, StoreUnavailable
from vestibule.server.tally import Tally
from vestibule.server.tracing import Traced, Tracing, otlp_provider

TEXTS: Final = {
    400: ("bad_request", mark("That did not work"), mark("The request could not be understood.")),
    404: ("not_found", mark("There is nothing here"), mark("The address is not one of this server.")),
    405: (
        "method_not_allowed",
        mark("That is not possible here"),
        mark("This address answers other methods only."),
    ),
    413: ("content_too_large", mark("That is too much"), mark("A request may hold 64 KB.")),
    431: (
        "request_headers_too_large",
        mark("That is too much"),
        mark("The address and the headers may hold 32 KB."),
    ),
    500: (
        "server_error",
        mark("Something went wrong"),
        mark("It was our fault, and it was noted. Please try again."),
    ),
    503: ("unavailable", mark("Not just now"), mark("Nothing has changed. Please try again in a moment.")),
}
OTHERWISE: Final = ("refused", mark("That did not work"), mark("The request was refused."))
RETRY_AFTER: Final = {"retry-after": "5"}

log = logging.getLogger("vestibule.server.requests")


def create_app(
    settings: Settings,
    *,
    identity: Identity | None = None,
    tracing: Tracing | None = None,
    management: bool = True,
) -> Starlette:
    """An ASGI application for any server. It expects a migrated database and closes only what it opened.

    Without `management` it has the pages and the protocol, and nothing that an API key opens.
    """
    own = identity is None
    identity = identity or Identity(store=Store(settings.database), settings=settings)
    if tracing is None and settings.telemetry:
        tracing = Tracing(otlp_provider())
    if tracing is not None:
        identity = replace(identity, spans=tracing)
        identity.store.spans = tracing
    identity.store.watch = partial(_count_events, identity.tally)
    _check_looks(identity)
    hops = Hops()
    routes = [
        *health.routes(identity, hops),
        *(metrics.routes(identity, hops) if management else ()),
        *api.routes(identity, hops, management=management),
        *oidc.routes(identity, hops),
        *login.routes(identity, hops),
        *(account.routes(identity, hops) if settings.account_page else ()),
        *(dashboard.routes(identity, hops) if settings.dashboard else ()),
        *inbox.routes(identity, hops),
        *branding.routes(identity, hops),
        *pages.asset_routes(),
    ]
    app = Starlette(
        middleware=[
            *([] if tracing is None else [Middleware(Traced, tracing=tracing)]),
            Middleware(Cors, identity=identity, hops=hops),
            Middleware(Edge, settings=settings, refuse=_refuser(identity), tally=identity.tally),
            Middleware(Preflight),
        ],
        exception_handlers={
            HTTPException: _on_http_exception(identity),
            StoreUnavailable: _on_unavailable(identity, "database_unavailable"),
            Overloaded: _on_unavailable(identity, "overloaded"),
        },
    )
    app.router = Branches(routes, lifespan=_lifespan(identity, tracing, own=own))
    app.state.identity = identity
    app.state.hops = hops
    return app


def _check_looks(identity: Identity) -> None:
    """Before anybody is let in: whoever wrote a template or a branding is there now, and hears all of it."""
    problems = page_templates.problems_in(identity.settings.page_templates)
    try:
        check_file(identity)
    except ConfigError as error:
        problems += error.problems
    if problems:
        raise ConfigError(problems)


def _count_events(tally: Tally, names: Sequence[str]) -> None:
    for name in names:
        tally.count("vestibule_events", name)


def _lifespan(
    identity: Identity, tracing: Tracing | None, *, own: bool
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await asyncio.to_thread(_prepare, identity)
        leaving = Leaving(identity)
        leaving.start()
        house = asyncio.create_task(keep_house(identity))
        try:
            yield
        finally:
            house.cancel()
            await asyncio.to_thread(leaving.stop)
            if tracing is not None:
                await asyncio.to_thread(tracing.stop)
            if own:
                identity.store.close()

    return lifespan


def _prepare(identity: Identity) -> None:
    ensure_environment(identity)
    ensure_signing_key(identity)


def _on_http_exception(identity: Identity) -> Callable[[Request, Exception], Response]:
    def handle(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        headers = error.headers if isinstance(error, HTTPException) else None
        response = _refusal(request.scope, status, identity)
        response.headers.update(headers or {})
        return response

    return handle


def _on_unavailable(identity: Identity, event: str) -> Callable[[Request, Exception], Response]:
    """503 is what clients try again after; a 500 would look like a mistake in here."""

    def handle(request: Request, error: Exception) -> Response:
        log.warning("%s: %s", event, error)
        response = _refusal(request.scope, 503, identity)
        response.headers.update(RETRY_AFTER)
        return response

    return handle


def _refuser(identity: Identity) -> Callable[[Scope, int], Response]:
    def refuse(scope: Scope, status: int) -> Response:
        return _refusal(scope, status, identity)

    return refuse


def _refusal(scope: Scope, status: int, identity: Identity) -> Response:
    """A page for somebody who navigates, JSON for everything else."""
    request = Request(scope)
    code, title, text = TEXTS.get(status, OTHERWISE)
    if "text/html" not in request.headers.get("accept", ""):
        return message(status, text, code=code).response()
    request_id = str(scope.get("state", {}).get("request_id", ""))
    language = browsers.language(request, identity.settings)
    return pages.render(
        "error.html",
        settings=identity.settings,
        branding=last_branding(identity),
        language=language,
        status=status,
        title=language.gettext(title),
        message=language.gettext(text),
        code=code,
        request_id=request_id,
    )
