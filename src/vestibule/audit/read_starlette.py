"""What a Starlette app answers, and what guards it: routes, mounts, endpoints by class, WebSockets."""

import inspect
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from starlette.endpoints import HTTPEndpoint
from starlette.routing import Host, Mount, Route, WebSocketRoute, compile_path
from starlette.staticfiles import StaticFiles

from vestibule.asgi import Gate
from vestibule.audit import sources
from vestibule.audit.model import ANY, WEBSOCKET, Endpoint, Guard, Kind, Surface, Validated
from vestibule.audit.reading import read_below
from vestibule.audit.unapplied import not_applied
from vestibule.installation import Installation

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY")
# Where a layer around an app keeps the app.
INNER_APP = ("app", "_app", "_gate")
PARAMETER = re.compile(r"{(\w+)(?::(\w+))?}")
SAMPLES = {"int": "1", "float": "1.5", "uuid": "00000000-0000-4000-8000-000000000000", "path": "a1b2"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the tree of mounts the reader is, and what guards everything below."""

    prefix: str = ""
    guards: tuple[Guard, ...] = ()
    auth: Installation | None = None
    below_auth: str = ""
    app: Any = None

    def below(self, path: str, guards: Iterable[Guard] = ()) -> "Place":
        return replace(self, prefix=self.prefix + path, guards=(*self.guards, *guards))


class StarletteReader:
    """`surface` after `read`."""

    def __init__(self) -> None:
        self.surface = Surface("starlette")
        # Who takes a path, in the order in which the router asks.
        self._takers: list[tuple[re.Pattern[str], frozenset[str], Endpoint]] = []

    def read(self, app: Any) -> Surface:
        self._app(app, Place())
        return self.surface

    def _app(self, app: Any, at: Place) -> None:
        """An app, after the layers around it have been taken off."""
        inner = app
        for layer in layers(app):
            at = self._layer(layer, at)
            inner = layer
        if hasattr(inner, "routes"):
            for route in self.routes_of(inner):
                self._route(route, replace(at, app=inner))
        else:
            self._opaque(inner, at)

    def _layer(self, layer: Any, at: Place) -> Place:
        found = [requirement for requirement in [sources.requirement_of(layer)] if requirement is not None]
        at = replace(at, guards=(*at.guards, *(Guard(each, _around(at)) for each in found)))
        installation = installed_in(layer)
        if installation is not None and at.auth is None:
            self.surface.installation = self.surface.installation or installation
            at = replace(at, auth=installation, below_auth=at.prefix)
        return at

    def routes_of(self, app: Any) -> Iterable[Any]:
        return list(app.routes)

    def _route(self, route: Any, at: Place) -> None:
        kind = self.original(route)
        if isinstance(kind, Mount):
            self._app(route.app, at.below(route.path))
        elif isinstance(kind, Host):
            self._app(route.app, at.below(f"//{route.host}"))
        elif isinstance(kind, Route):
            self._http(route, at)
        elif isinstance(kind, WebSocketRoute):
            self._websocket(route, at)
        else:
            self.other_route(route, at)

    def original(self, route: Any) -> Any:
        return route

    def other_route(self, route: Any, at: Place) -> None:
        """A kind of route nobody has heard of."""
        self._add(shell_of(route, at, getattr(route, "path", "/{path:path}"), (ANY,), kind=Kind.OPAQUE))

    def _http(self, route: Any, at: Place) -> None:
        around = (*at.guards, *self.route_guards(route, at))
        for methods, guards, handler in self._handlers(route):
            shell = shell_of(route, at, route.path, methods, handler=handler)
            guards = _distinct((*around, *guards))
            validated, kind = self.validated(route, handler), self.kind_of(route, at)
            self._add(replace(shell, guards=guards, validated=validated, kind=kind))

    def _websocket(self, route: Any, at: Place) -> None:
        guards = (*at.guards, *self.route_guards(route, at), *on_handler(route.endpoint))
        self._add(replace(shell_of(route, at, route.path, (WEBSOCKET,)), guards=_distinct(guards)))

    def route_guards(self, route: Any, at: Place) -> Iterator[Guard]:
        """What stands between the router and the endpoint."""
        for layer in layers(route.app):
            requirement = sources.requirement_of(layer)
            if requirement is not None:
                yield Guard(requirement, "route")

    def validated(self, route: Any, handler: Any) -> Validated:
        return Validated.YES if sources.validates(handler) else Validated.UNKNOWN

    def kind_of(self, route: Any, at: Place) -> Kind:
        return Kind.APP

    def _handlers(self, route: Any) -> Iterator[tuple[tuple[str, ...], tuple[Guard, ...], Any]]:
        """Methods that are answered by the same code behind the same guards."""
        endpoint = route.endpoint
        if not (inspect.isclass(endpoint) and issubclass(endpoint, HTTPEndpoint)):
            yield ordered(route.methods or {ANY}), tuple(on_handler(endpoint)), endpoint
            return
        outer = tuple(sources.guards_on(endpoint, "class"))
        groups: dict[tuple[Any, ...], list[tuple[str, Any]]] = {}
        for method in ordered(route.methods or METHODS):
            handler = getattr(endpoint, method.lower(), None)
            if handler is None and method == "HEAD":
                handler = getattr(endpoint, "get", None)
            if handler is not None:
                groups.setdefault(tuple(on_handler(handler)), []).append((method, handler))
        for inner, members in groups.items():
            yield tuple(method for method, _ in members), (*outer, *inner), members[0][1]

    def _opaque(self, app: Any, at: Place) -> None:
        other = read_below(app, prefix=at.prefix, guards=at.guards, auth=at.auth, below=at.below_auth)
        if other is not None:
            self.surface.installation = self.surface.installation or other.installation
            self.surface.endpoints.extend(other.endpoints)
            return
        kind = Kind.STATIC if isinstance(app, StaticFiles) else Kind.OPAQUE
        path = f"{at.prefix}/{{path:path}}"
        methods = ("GET", "HEAD") if kind is Kind.STATIC else (ANY,)
        endpoint = Endpoint(
            methods=methods,
            path=shown(path),
            handler=sources.name_of(app),
            source=sources.location(app),
            kind=kind,
            guards=at.guards,
            validated=Validated.UNKNOWN,
            auth=at.auth,
            below=at.below_auth,
        )
        self._add(endpoint, path)

    def _add(self, endpoint: Endpoint, path: str | None = None) -> None:
        """Notes who took the path before, for the first match wins."""
        path = endpoint.path if path is None else path
        asked = sample(path)
        left: list[str] = []
        taker: Endpoint | None = None
        for method in endpoint.methods:
            taken = next(
                (e for p, methods, e in self._takers if p.match(asked) and takes(methods, method)), None
            )
            if taken is None:
                left.append(method)
            taker = taker or taken
        if not left:
            endpoint = replace(endpoint, taken_by=taker)
        elif len(left) < len(endpoint.methods):
            endpoint = replace(endpoint, methods=tuple(left))
        regex, _, _ = compile_path(path if path.startswith("/") else f"/{path}")
        endpoint = replace(endpoint, path=shown(endpoint.path), probe=sample(path, "1"))
        self._takers.append((regex, frozenset(endpoint.methods), endpoint))
        self.surface.endpoints.append(endpoint)


def layers(app: Any) -> Iterator[Any]:
    """An app, what it wraps, what that wraps, … down to what has routes or wraps nothing."""
    seen: set[int] = set()
    while app is not None and id(app) not in seen:
        seen.add(id(app))
        yield app
        if hasattr(app, "routes") or inspect.isroutine(app) or inspect.isclass(app):
            return
        app = next((inner for name in INNER_APP if callable(inner := getattr(app, name, None))), None)


def installed_in(app: Any) -> Installation | None:
    """The `Auth` of this layer: in a Starlette's state, or the middleware itself."""
    found = getattr(getattr(app, "state", None), "vestibule", None)
    found = found or (getattr(app, "_installed", None) if isinstance(app, Gate) else app)
    return found if isinstance(found, Installation) else None


def on_handler(handler: Any) -> Iterator[Guard]:
    yield from sources.guards_on(handler, "endpoint")
    in_its_code = sources.asks_for_session(handler)
    if in_its_code is not None:
        yield in_its_code
    yield from not_applied(handler)


def takes(methods: frozenset[str], method: str) -> bool:
    if method == WEBSOCKET or WEBSOCKET in methods:
        return method in methods
    return method in methods or ANY in methods


def ordered(methods: Iterable[str]) -> tuple[str, ...]:
    known = {method: index for index, method in enumerate(METHODS)}
    return tuple(sorted(methods, key=lambda method: (known.get(method, len(known)), method)))


def shown(path: str) -> str:
    """`/users/{id:int}` as people write it: `/users/{id}`."""
    return PARAMETER.sub(r"{\1}", path) or "/"


def sample(path: str, text: str = "a1b2") -> str:
    """An address that the path matches, and by `a1b2` those for numbers do not."""
    return PARAMETER.sub(lambda found: SAMPLES.get(found[2], text), path) or "/"


def _around(at: Place) -> str:
    return f"mount {at.prefix}" if at.prefix else "app"


def shell_of(
    route: Any, at: Place, path: str, methods: tuple[str, ...], *, handler: Any = None, kind: Kind = Kind.APP
) -> Endpoint:
    handler = handler or getattr(route, "endpoint", None) or route
    return Endpoint(
        methods=methods,
        path=at.prefix + path,
        handler=sources.name_of(handler),
        source=sources.location(handler),
        kind=kind,
        guards=at.guards,
        auth=at.auth,
        below=at.below_auth,
    )


def _distinct(guards: Iterable[Guard]) -> tuple[Guard, ...]:
    """A guard that is found on the route and on its endpoint is one."""
    found: list[Guard] = []
    for guard in guards:
        same = guard.requirement is not None and any(
            guard.requirement is each.requirement and each.fault is guard.fault for each in found
        )
        if not same:
            found.append(guard)
    return tuple(found)
