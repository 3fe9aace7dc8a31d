"""What a FastAPI app answers: as Starlette, and guards are found in the tree of dependencies."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import fastapi.routing
from fastapi import FastAPI

from vestibule.audit import sources
from vestibule.audit.model import Fault, Flaw, Guard, Kind, Validated
from vestibule.audit.read_starlette import Place, StarletteReader, shell_of
from vestibule.session.guards import All

Overrides = Mapping[Any, Callable[..., Any]]
FIELDS = ("path_params", "query_params", "header_params", "cookie_params", "body_params")
DOCS = ("openapi_url", "docs_url", "redoc_url", "swagger_ui_oauth2_redirect_url")


class FastAPIReader(StarletteReader):
    """Reads Starlette apps too, for either may be mounted below the other."""

    def __init__(self) -> None:
        super().__init__()
        self.surface.framework = "fastapi"

    def routes_of(self, app: Any) -> Iterable[Any]:
        contexts = getattr(fastapi.routing, "iter_route_contexts", None)
        # Newer releases include routers when they are asked, older ones copied their routes.
        routes = list(app.routes) if contexts is None else list(contexts(app.routes))
        router = getattr(app, "router", app)
        return [*routes, *getattr(router, "_low_priority_routes", ())]

    def original(self, route: Any) -> Any:
        return getattr(route, "original_route", route)

    def route_guards(self, route: Any, at: Place) -> Iterator[Guard]:
        yield from super().route_guards(route, at)
        yield from self._lost(route)
        dependant = getattr(route, "dependant", None)
        if dependant is not None:
            yield from dependency_guards(dependant, getattr(at.app, "dependency_overrides", {}))

    def validated(self, route: Any, handler: Any) -> Validated:
        dependant = getattr(route, "dependant", None)
        if dependant is None:
            return super().validated(route, handler)
        if list(_fields(dependant)):
            return Validated.YES
        return Validated.UNKNOWN if dependant.request_param_name else Validated.NO_INPUT

    def kind_of(self, route: Any, at: Place) -> Kind:
        app = at.app
        if isinstance(app, FastAPI) and route.path in [getattr(app, name, None) for name in DOCS]:
            return Kind.DOCS
        return Kind.APP

    def other_route(self, route: Any, at: Place) -> None:
        """`app.frontend`: files of a built front end, behind the dependencies of the router."""
        original = self.original(route)
        dependant = getattr(route, "dependant", None) or getattr(original, "dependant", None)
        if dependant is None or not hasattr(original, "routes"):
            super().other_route(route, at)
            return
        guards = list(dependency_guards(dependant, getattr(at.app, "dependency_overrides", {})))
        for each in original.routes:
            path = f"{each.path.rstrip('/')}/{{path:path}}"
            self._add(
                shell_of(
                    each, at.below("", guards), path, ("GET", "HEAD"), handler=each.app, kind=Kind.STATIC
                )
            )

    def _lost(self, route: Any) -> Iterator[Guard]:
        """Including a router makes its plain Starlette routes anew, without what was put around them."""
        original = self.original(route)
        kept = {id(guard.requirement) for guard in super().route_guards(route, Place())}
        for guard in super().route_guards(original, Place()) if original is not route else ():
            if id(guard.requirement) not in kept:
                why = "`include_router` makes the route anew, without the guard around it"
                fault = Fault(Flaw.NOT_APPLIED, why, "Guard the endpoint, or use `dependencies=[…]`.")
                yield Guard(guard.requirement, "route", fault=fault)


def dependency_guards(dependant: Any, overrides: Overrides) -> Iterator[Guard]:
    for each in dependant.dependencies:
        place = f"parameter {each.name}" if each.name else "dependencies"
        replacement = _override(each.call, overrides)
        guard = _guard(each.call, place)
        if replacement is not None:
            if guard is not None:
                why = "`app.dependency_overrides` replaces it"
                fault = Fault(Flaw.OVERRIDDEN, why, "Override dependencies in tests only.")
                yield Guard(guard.requirement, place, fault=fault)
            instead = _guard(replacement, place)
            if instead is not None:
                yield instead
            continue
        if guard is not None:
            yield guard
        yield from dependency_guards(each, overrides)


def _guard(call: Any, place: str) -> Guard | None:
    requirement = sources.requirement_of(call)
    if requirement is None and getattr(call, "__name__", "") in sources.REFUSES and sources.ours(call):
        requirement = All()
    return None if requirement is None else Guard(requirement, place)


def _override(call: Any, overrides: Overrides) -> Callable[..., Any] | None:
    try:
        return overrides.get(call)
    except TypeError:  # a callable that cannot be a key cannot be overridden either
        return None


def _fields(dependant: Any) -> Iterator[Any]:
    for name in FIELDS:
        yield from getattr(dependant, name)
    for each in dependant.dependencies:
        yield from _fields(each)
