"""Which framework an app is made with, and its reader: only that one is imported."""

from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from types import MethodType
from typing import Any, cast

from vestibule.audit import sources
from vestibule.audit.loading import is_django_settings
from vestibule.audit.model import ANY, WEBSOCKET, Endpoint, Guard, Kind, Surface
from vestibule.audit.unapplied import unused
from vestibule.errors import ConfigError
from vestibule.installation import Installation

# Where the class of an app is defined, in the order in which they inherit.
FRAMEWORKS = {
    "fastapi.applications": "fastapi",
    "fastapi.routing": "fastapi",
    "starlette.applications": "starlette",
    "starlette.routing": "starlette",
    "flask.app": "flask",
    "litestar.app": "litestar",
    "django.core.handlers.wsgi": "django",
    "django.core.handlers.asgi": "django",
}
READERS = {
    "fastapi": ("read_fastapi", "FastAPIReader"),
    "starlette": ("read_starlette", "StarletteReader"),
    "flask": ("read_flask", "FlaskReader"),
    "litestar": ("read_litestar", "LitestarReader"),
    "django": ("read_django", "DjangoReader"),
}
# These find in a request what the `Auth` of the app around them has put there.
SEE_THE_APP_AROUND = ("fastapi", "starlette", "litestar")
INNER_APP = ("app", "_app", "_gate", "_inner", "wsgi_app", "asgi_handler", "application", "__self__")


def read(app: Any) -> Surface:
    """Raises ConfigError for what is made with none of the five."""
    surface = _read(app)
    if surface.serve is None:
        surface.serve, surface.is_asgi = app, surface.framework != "flask"
    surface.findings.extend(unused(surface.endpoints))
    return surface


def _read(app: Any) -> Surface:
    if is_django_settings(app):
        return cast(Surface, _reader("django").read(app))
    for depth, layer in enumerate(_layers(app)):
        framework = framework_of(layer)
        if framework is not None:
            whole = app if depth and not _is_function(app) else layer
            surface = cast(Surface, _reader(framework).read(whole))
            if _is_function(app) and layer is not app:
                surface.endpoints.append(_in_front(app, framework))
            return surface
    raise ConfigError(
        f"{app!r} is no app of FastAPI, Starlette, Flask, Django or Litestar, so its routes cannot be seen. "
        "Name the framework's own app, without what is around it."
    )


def read_below(
    app: Any, *, prefix: str, guards: tuple[Guard, ...], auth: Installation | None, below: str = ""
) -> Surface | None:
    """An app of another framework that is mounted in one: None when it is of none of the five."""
    framework = framework_of(app)
    if framework is None:
        return None
    surface = cast(Surface, _reader(framework).read(app))
    around = auth if framework in SEE_THE_APP_AROUND else None
    surface.endpoints = [
        replace(
            each,
            path=prefix + each.path,
            probe=prefix + each.address,
            guards=(*guards, *each.guards),
            auth=around or each.auth,
            below=below if around else prefix + each.below,
        )
        for each in surface.endpoints
    ]
    return surface


def framework_of(app: Any) -> str | None:
    for each in type(app).__mro__:
        if each.__module__ in FRAMEWORKS:
            return FRAMEWORKS[each.__module__]
    return None


def _reader(framework: str) -> Any:
    module, name = READERS[framework]
    if framework == "starlette" and find_spec("fastapi") is not None:
        module, name = READERS["fastapi"]  # reads both, for either may be mounted below the other
    reader = getattr(import_module(f"vestibule.audit.{module}"), name)()
    reader.surface.framework = framework
    return reader


def _layers(app: Any) -> Iterator[Any]:
    """The app and what it wraps: an attribute of a middleware, or what a function in front calls."""
    seen: set[int] = set()
    waiting = [app]
    while waiting:
        layer = waiting.pop(0)
        if id(layer) in seen:
            continue
        seen.add(id(layer))
        yield layer
        if _is_function(layer):
            waiting += list(sources.referenced(layer))
        else:
            inner = (getattr(layer, name, None) for name in INNER_APP)
            waiting += [each for each in inner if callable(each) or isinstance(each, MethodType)]


def _is_function(value: Any) -> bool:
    return type(value).__name__ == "function"


def _in_front(app: Any, framework: str) -> Endpoint:
    """A function that decides what reaches the app: nobody sees what else it answers."""
    return Endpoint(
        methods=(WEBSOCKET,) if framework == "django" else (ANY,),
        path="/{path}",
        handler=sources.name_of(app),
        source=sources.location(app),
        kind=Kind.OPAQUE,
    )
