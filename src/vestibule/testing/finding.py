"""From a test client to the `Auth` of its app."""

import importlib
from collections.abc import Iterator
from typing import Any

from vestibule.installation import Installation

DEEPEST = 20


def installation_of(app: Any) -> Installation:
    """That of the app or of what wraps it; else the only one among the apps mounted below it.

    Raises TypeError when there is none, or more than one.
    """
    layers = list(_layers(app))
    outermost = next((found for layer in layers if (found := _installed_in(layer)) is not None), None)
    if outermost is not None:
        return outermost
    below = {id(found): found for layer in layers for found in _mounted(layer, DEEPEST)}
    if len(below) == 1:
        return next(iter(below.values()))
    what = f"{len(below)} apps with an `Auth`" if below else "No `Auth`"
    raise TypeError(f"{what} in this client's app. Pass the one you mean: sign_in(client, auth=auth).")


def installation_of_django() -> Installation:
    """Django has one, made from its settings, and below the prefix of its URLconf."""
    found = importlib.import_module("vestibule.django").get_auth()
    found.find_prefix()
    return found  # type: ignore[no-any-return]


def _layers(app: Any) -> Iterator[Any]:
    """The app, and what it wraps: middleware has it under one of these names."""
    for _ in range(DEEPEST):
        if app is None:
            return
        yield app
        app = getattr(app, "app", None) or getattr(app, "_app", None)


def _installed_in(app: Any) -> Installation | None:
    if isinstance(app, Installation):
        return app
    extensions = getattr(app, "extensions", None)
    found = extensions.get("vestibule") if isinstance(extensions, dict) else None
    found = found or getattr(getattr(app, "state", None), "vestibule", None)
    return found if isinstance(found, Installation) else None


def _mounted(app: Any, depth: int) -> Iterator[Installation]:
    for route in getattr(app, "routes", None) or () if depth else ():
        for layer in _layers(getattr(route, "app", None)):
            found = _installed_in(layer)
            if found is not None:
                yield found
                break
            yield from _mounted(layer, depth - 1)
