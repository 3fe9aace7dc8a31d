"""What a Litestar app answers: handlers, and the guards of every layer above them."""

import inspect
from collections.abc import Iterator
from typing import Any

from litestar import Litestar
from litestar.handlers import BaseRouteHandler
from litestar.routes import ASGIRoute, HTTPRoute, WebSocketRoute

from vestibule.audit import sources
from vestibule.audit.model import ANY, WEBSOCKET, Endpoint, Fault, Flaw, Guard, Kind, Surface, Validated
from vestibule.audit.read_starlette import installed_in, layers, ordered, sample, shown
from vestibule.audit.reading import read_below
from vestibule.session.guards import All

NATURES = {
    "litestar.static_files": Kind.STATIC,
    "litestar.openapi": Kind.DOCS,
    "litestar._openapi": Kind.DOCS,
    "litestar.routes": Kind.AUTOMATIC,
}
GIVEN = frozenset({"request", "socket", "scope", "state", "session", "auth"})


class LitestarReader:
    def __init__(self) -> None:
        self.surface = Surface("litestar")

    def read(self, app: Any) -> Surface:
        inner = next((layer for layer in layers(app) if isinstance(layer, Litestar)), app)
        installation = installed_in(inner)
        self.surface.installation = installation
        for route in inner.routes:
            for methods, handler in _handlers(route):
                guards = tuple(_guards(handler, installation))
                if isinstance(route, ASGIRoute) and self._read_below(route, handler, guards):
                    continue
                self.surface.endpoints.append(
                    Endpoint(
                        methods=methods,
                        path=shown(_path(route)),
                        probe=sample(_path(route), "1"),
                        handler=sources.name_of(handler.fn),
                        source=sources.location(handler.fn),
                        kind=_kind(route, handler),
                        guards=guards,
                        validated=_validated(handler),
                        auth=installation,
                    )
                )
        return self.surface

    def _read_below(self, route: ASGIRoute, handler: Any, guards: tuple[Guard, ...]) -> bool:
        """What is mounted may be an app that can be read."""
        auth = self.surface.installation
        app = sources.function_of(handler.fn)
        other = read_below(app, prefix=route.path.rstrip("/"), guards=guards, auth=auth)
        if other is not None:
            self.surface.endpoints.extend(other.endpoints)
        return other is not None


def _handlers(route: Any) -> Iterator[tuple[tuple[str, ...], BaseRouteHandler]]:
    if isinstance(route, HTTPRoute):
        for handler in route.route_handlers:
            yield ordered([str(getattr(each, "value", each)) for each in handler.http_methods]), handler
    elif isinstance(route, WebSocketRoute):
        yield (WEBSOCKET,), route.route_handler
    elif isinstance(route, ASGIRoute):
        yield (ANY,), route.route_handler


def _path(route: Any) -> str:
    """`/users/{id:int}`; below a mount comes what is mounted there."""
    handler = getattr(route, "route_handler", None)
    path = str(route.path)
    return f"{path.rstrip('/')}/{{path:path}}" if getattr(handler, "is_mount", False) else path


def _kind(route: Any, handler: Any) -> Kind:
    module = str(getattr(sources.function_of(handler.fn), "__module__", ""))
    for prefix, kind in NATURES.items():
        if module.startswith(prefix):
            return kind
    if isinstance(route, ASGIRoute):
        return Kind.STATIC if getattr(handler, "is_static", False) else Kind.OPAQUE
    return Kind.APP


def _guards(handler: Any, installation: Any) -> Iterator[Guard]:
    for layer in handler.ownership_layers:
        for guard in layer.guards or ():
            requirement = sources.requirement_of(guard)
            name = "" if requirement is not None else sources.name_of(guard)
            yield Guard(requirement, _place(layer, handler), name)
    if handler in getattr(installation, "_signed_in", ()):
        yield Guard(All(), "parameter session")
    yield from _given_later(handler)


def _place(layer: Any, handler: Any) -> str:
    if layer is handler:
        return "endpoint"
    if isinstance(layer, Litestar):
        return "app"
    kind = type(layer).__name__
    return f"router {layer.path}" if kind == "Router" else f"controller {kind}"


def _given_later(handler: Any) -> Iterator[Guard]:
    """Registering a handler copies it: what the original is given afterwards is on the copy of nobody."""
    inner = sources.function_of(handler.fn)
    known = [sources.requirement_of(guard) for guard in handler.guards or ()]
    for value in list(getattr(inner, "__globals__", {}).values()):
        if not isinstance(value, BaseRouteHandler) or value is handler or not _is_of(value, inner):
            continue
        for guard in value.guards or ():
            requirement = sources.requirement_of(guard)
            if requirement is not None and not any(requirement is each for each in known):
                why = "the guard was given to the handler after the app had made its copy of it"
                fault = Fault(Flaw.NOT_APPLIED, why, "Write `guards=[…]` where the handler is made.")
                yield Guard(requirement, "endpoint", fault=fault)


def _is_of(handler: BaseRouteHandler, function: Any) -> bool:
    try:
        return sources.function_of(handler.fn) is function
    except Exception:  # a decorator that decorates nothing
        return False


def _validated(handler: Any) -> Validated:
    names = set(inspect.signature(handler.fn).parameters) - {"self"}
    if names - GIVEN - set(handler.resolve_dependencies()):
        return Validated.YES
    return Validated.UNKNOWN if names & {"request", "socket", "scope"} else Validated.NO_INPUT
