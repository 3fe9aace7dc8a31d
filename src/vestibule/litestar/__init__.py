"""Sign-in for Litestar.

    @get("/me")
    async def me(session: CurrentSession) -> dict[str, str]: ...

    @get("/invoices", guards=[requires(permission="invoices:read")])
    async def invoices() -> list[str]: ...

    app = Litestar([me, invoices], plugins=[Auth()])   # adds the routes of sign-in and sign-out

Litestar finds a dependency by the name of the parameter: `session` for CurrentSession and OptionalSession,
`auth` for CurrentAuth. `requires` goes wherever Litestar takes `guards`: a handler, a Controller, a Router,
the app.
"""

import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from litestar import Litestar
from litestar.config.app import AppConfig
from litestar.di import Provide
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.plugins import InitPlugin, ReceiveRoutePlugin
from litestar.routes import ASGIRoute, BaseRoute, HTTPRoute, WebSocketRoute
from litestar.types import Scope

from vestibule.asgi import Connected
from vestibule.entry import AsyncEntry
from vestibule.errors import ConfigError, Unreachable, VestibuleError
from vestibule.litestar.asking import (
    AUTH,
    SESSION,
    CurrentAuth,
    CurrentSession,
    OptionalSession,
    asked,
    mark_of,
)
from vestibule.litestar.door import dress, note_refusal, stand_before
from vestibule.litestar.refusing import LINE, Guard, Refusal, entry_in, failed, refused, requires
from vestibule.litestar.templates import add_names
from vestibule.session.config import Config
from vestibule.session.guards import MARK
from vestibule.session.model import Session
from vestibule.session.reply import Reply

__all__ = ["Auth", "CurrentAuth", "CurrentSession", "Guard", "OptionalSession", "Refusal", "requires"]

COOKIE_NAME = "wos-session"


class Auth(Connected, InitPlugin, ReceiveRoutePlugin):
    """The plugin: `Litestar(handlers, plugins=[Auth()])`."""

    line = LINE

    def __init__(self, config: Config | None = None, **settings: Any) -> None:
        super().__init__(config, **settings)
        self._cookie_name = config.cookie_name if config is not None else COOKIE_NAME
        self._signed_in: set[BaseRouteHandler] = set()
        self._static: set[str] = set()
        self._others: set[str] = set()

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        if any(isinstance(plugin, Auth) and plugin is not self for plugin in app_config.plugins):
            raise ConfigError("This app has an `Auth` already. Remove the second one.")
        app_config.state.vestibule = self
        # An app's own dependency of such a name stays; `receive_route` sees whether it is in the way.
        app_config.dependencies.setdefault(SESSION, Provide(self._provide_session))
        app_config.dependencies.setdefault(AUTH, Provide(_provide_entry))
        app_config.exception_handlers.setdefault(Refusal, cast(Any, refused))
        app_config.exception_handlers.setdefault(VestibuleError, cast(Any, failed))
        app_config.before_send.append(cast(Any, dress))
        app_config.after_exception.append(cast(Any, note_refusal))
        app_config.lifespan.append(self._lifespan)
        self.preloads = add_names(app_config.template_config) or self.preloads
        if app_config.openapi_config is not None:
            app_config.openapi_config = _with_lock(app_config.openapi_config, self._cookie_name)
        return app_config

    def receive_route(self, route: BaseRoute) -> None:
        handlers = _handlers(route)
        stand_before(handlers[0].ownership_layers[0], self)
        folder = route.path_format.partition("/{")[0]
        (self._static if all(map(_is_static, handlers)) else self._others).add(folder)
        for handler in handlers:
            self._look_at(handler)

    def is_open(self, path: str) -> bool:
        """Static files are for everybody, unless other routes are among them."""
        return any(
            _is_below(path, folder) and not any(_is_below(other, folder) for other in self._others)
            for folder in self._static
        )

    def _look_at(self, handler: BaseRouteHandler) -> None:
        """What a handler asks for, by itself or through its dependencies."""
        fields = list(asked(handler))
        ours = handler.resolve_dependencies()[SESSION].dependency == self._provide_session
        if not ours and any(mark_of(field) for field in fields):
            raise ConfigError(
                f"`{handler}` asks for a CurrentSession, but `session` is a dependency of the app's own "
                "there. Rename that one."
            )
        if ours and fields and getattr(handler, "cache", False):
            raise ConfigError(
                f"`{handler}` has `cache`, so that one visitor would get what was made for another. "
                "Remove `cache`, or do not ask for the session and guard it with `requires`."
            )
        if ours and any(not field.is_optional for field in fields):
            self._signed_in.add(handler)
        guarded = handler in self._signed_in or any(
            hasattr(guard, MARK) for guard in handler.resolve_guards()
        )
        if guarded and isinstance(handler, HTTPRouteHandler):
            handler.security = [*(handler.security or ()), {SESSION: []}]

    async def _provide_session(self, scope: Scope) -> Session | None:
        """None only where everybody who asks takes it."""
        entry = entry_in(scope)
        try:
            session = await entry.load()
        except Unreachable as error:
            raise Refusal(entry.failed(error)) from error
        if session is None and scope["route_handler"] in self._signed_in:
            raise Refusal(cast(Reply, await entry.guard()))
        return session

    @asynccontextmanager
    async def _lifespan(self, app: Litestar) -> AsyncIterator[None]:
        _ = self.config
        try:
            yield
        finally:
            self.transport.close()


async def _provide_entry(scope: Scope) -> AsyncEntry:
    return entry_in(scope)


def _with_lock(config: OpenAPIConfig, cookie_name: str) -> OpenAPIConfig:
    """A copy whose document names what guards a route; the default one belongs to all apps."""
    scheme = SecurityScheme(
        type="apiKey",
        name=cookie_name,
        security_scheme_in="cookie",
        description="The session cookie, set by signing in.",
    )
    given = config.components if isinstance(config.components, list) else [config.components]
    locked = copy.copy(config)
    locked.components = [*given, Components(security_schemes={SESSION: scheme})]
    return locked


def _handlers(route: BaseRoute) -> list[BaseRouteHandler]:
    if isinstance(route, HTTPRoute):
        return list(route.route_handlers)
    return [cast(ASGIRoute | WebSocketRoute, route).route_handler]


def _is_static(handler: BaseRouteHandler) -> bool:
    made_by_litestar = getattr(handler.fn, "__module__", "").startswith("litestar.static_files")
    return (
        made_by_litestar
        or getattr(handler, "is_static", False)
        or "OPTIONS" in getattr(handler, "http_methods", ())
    )


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")
