"""Sign-in for Litestar.

    @get("/me")
    async def me(session: CurrentSession) -> dict[str, str]: ...

    @get("/invoices", guards=[requires(permission="invoices:read")])
    async def invoices() -> list[str]: ...

    app = Litestar([me, invoices], plugins=[Auth()])   # adds the routes of sign-in and sign-out

Litestar finds a dependency by the name of the parameter: it is `session` for CurrentSession and
OptionalSession, `user` for CurrentUser, `auth` for CurrentAuth and `app_data` for AppData. `requires` goes
wherever Litestar takes `guards`: a handler, a Controller, a Router, the app.
"""

import copy
from collections.abc import AsyncIterator, Callable
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
from litestar.typing import FieldDefinition

from vestibule.asgi import Connected
from vestibule.entry import AsyncEntry
from vestibule.errors import ConfigError, VestibuleError
from vestibule.litestar.asking import (
    AppData,
    CurrentAuth,
    CurrentSession,
    CurrentUser,
    OptionalSession,
    asked_in,
    fields_of,
)
from vestibule.litestar.door import dress, note_refusal, stand_before
from vestibule.litestar.refusing import LINE, Guard, Refusal, entry_in, failed, refused, requires
from vestibule.litestar.templates import add_names
from vestibule.session.config import Config
from vestibule.session.data import Data
from vestibule.session.guards import MARK
from vestibule.session.model import Session
from vestibule.session.reply import Reply

__all__ = [
    "AppData",
    "Auth",
    "CurrentAuth",
    "CurrentSession",
    "CurrentUser",
    "Guard",
    "OptionalSession",
    "Refusal",
    "requires",
]

COOKIE_NAME = "wos-session"
LOCK: dict[str, list[str]] = {"session": []}
MADE_BY_LITESTAR = ("litestar.static_files", "litestar.routes")  # files, and what answers OPTIONS


class Auth(Connected, InitPlugin, ReceiveRoutePlugin):
    """The plugin: `Litestar(handlers, plugins=[Auth()])`."""

    line = LINE

    def __init__(self, config: Config | None = None, **settings: Any) -> None:
        super().__init__(config, **settings)
        self._cookie_name = config.cookie_name if config is not None else COOKIE_NAME
        self._providers: dict[str, Callable[..., Any]] = {
            "session": self._provide_session,
            "auth": _provide_entry,
            "user": _provide_user,
            "app_data": _provide_data,
        }
        self._signed_in: set[BaseRouteHandler] = set()
        self._static: set[str] = set()
        self._others: set[str] = set()

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Litestar's call: adds what an app needs for sessions. The routes are answered in front of it."""
        if any(isinstance(plugin, Auth) and plugin is not self for plugin in app_config.plugins):
            raise ConfigError("This app has an `Auth` already. Remove the second one.")
        app_config.state.vestibule = self
        for name, provider in self._providers.items():
            # An app's own dependency of such a name stays; `receive_route` sees whether it is in the way.
            app_config.dependencies.setdefault(name, Provide(provider))
        app_config.exception_handlers.setdefault(Refusal, cast(Any, refused))
        app_config.exception_handlers.setdefault(VestibuleError, cast(Any, failed))
        app_config.before_send.append(cast(Any, dress))
        app_config.after_exception.append(cast(Any, note_refusal))
        app_config.lifespan.append(self._lifespan)
        if app_config.logging_config is not None:  # a visitor turned away is no failure, also when debugging
            app_config.logging_config.disable_stack_trace.add(Refusal)
        self.preloads = add_names(app_config.template_config) or self.preloads
        if app_config.openapi_config is not None:
            app_config.openapi_config = _with_lock(app_config.openapi_config, self._cookie_name)
        return app_config

    def receive_route(self, route: BaseRoute) -> None:
        """Litestar's call for each route: looks at what it asks for."""
        handlers = _handlers(route)
        stand_before(handlers[0].ownership_layers[0], self)
        folder = route.path_format.partition("/{")[0].rstrip("/")
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
        found = handler.resolve_dependencies()
        ours: list[FieldDefinition] = []
        for field in fields_of(handler):
            asked = asked_in(field)
            provided = field.name in found and found[field.name].dependency == self._providers.get(field.name)
            if provided:
                ours.append(field)
            if asked is not None and not (provided and field.name == asked.name):
                raise ConfigError(_misnamed(handler, field.name, asked.name))
        if ours and getattr(handler, "cache", False):
            raise ConfigError(
                f"`{handler}` has `cache`, so that one visitor would get what was made for another. "
                "Remove `cache`, or do not ask for the session and guard it with `requires`."
            )
        if any(field.name == "session" and not field.is_optional for field in ours):
            self._signed_in.add(handler)
        needs_session = handler in self._signed_in or any(field.name == "user" for field in ours)
        if needs_session or any(hasattr(guard, MARK) for guard in handler.resolve_guards()):
            _lock(handler)

    async def _provide_session(self, scope: Scope) -> Session | None:
        """None only where everybody who asks takes it."""
        entry = entry_in(scope)
        session = await entry.load()
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


async def _provide_user(scope: Scope) -> Any:
    entry = entry_in(scope)
    reply = await entry.guard()
    if reply is not None:
        raise Refusal(reply)
    return await entry.user()


async def _provide_data(scope: Scope) -> Data[Any]:
    return await entry_in(scope).data()


def _misnamed(handler: BaseRouteHandler, name: str, right: str) -> str:
    if name != right:
        return f"Litestar goes by names: call the parameter `{name}` of `{handler}` `{right}`."
    return f"`{handler}` asks for our `{name}`, but there the app has its own. Rename that one."


def _lock(handler: BaseRouteHandler) -> None:
    """For the OpenAPI document."""
    if isinstance(handler, HTTPRouteHandler) and LOCK not in (handler.security or ()):
        handler.security = [*(handler.security or ()), LOCK]


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
    locked.components = [*given, Components(security_schemes={"session": scheme})]
    return locked


def _handlers(route: BaseRoute) -> list[BaseRouteHandler]:
    if isinstance(route, HTTPRoute):
        return list(route.route_handlers)
    return [cast(ASGIRoute | WebSocketRoute, route).route_handler]


def _is_static(handler: BaseRouteHandler) -> bool:
    made_by = getattr(handler.fn, "__module__", "")
    return made_by.startswith(MADE_BY_LITESTAR) or bool(getattr(handler, "is_static", False))


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")
