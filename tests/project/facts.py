"""What the code says about itself (settings, commands, routes), and what the reference lists."""

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import typer.main
from starlette.routing import BaseRoute, Mount, Route

from tests.project.tree import ROOT
from vestibule.cli.program import program
from vestibule.server.app import create_app
from vestibule.server.identity.context import Identity
from vestibule.server.settings import PREFIX, Settings
from vestibule.server.store.store import Store
from vestibule.session.config import Config
from vestibule.session.own_paths import PATHS

HEADING = re.compile(r"(?m)^#{2,6} (.*)")
FIRST_CELL = re.compile(r"(?m)^\| *([^|]*?) *\|")
IN_BACKTICKS = re.compile(r"`([^`]+)`")


def headings(page: str) -> set[str]:
    """What stands in backticks in the headings of a page of the reference."""
    return _in_backticks(HEADING, page)


def first_cells(page: str) -> set[str]:
    """What stands in backticks in the first cells of its tables."""
    return _in_backticks(FIRST_CELL, page)


def _in_backticks(places: re.Pattern[str], page: str) -> set[str]:
    text = (ROOT / "docs" / "reference" / page).read_text("utf-8")
    return {name for place in places.findall(text) for name in IN_BACKTICKS.findall(place)}


def settings() -> set[str]:
    toolkit = {field.name for field in fields(Config) if not field.name.startswith("_")}
    return toolkit | {PREFIX + field.name.upper() for field in fields(Settings)}


def commands() -> set[str]:
    return set(_commands("vestibule", typer.main.get_command(program)))


def _commands(path: str, command: Any) -> Iterator[str]:
    inside = getattr(command, "commands", None)
    if inside is None:
        yield path
        return
    for name, inner in inside.items():
        if not inner.hidden:
            yield from _commands(f"{path} {name}", inner)


def server_routes() -> set[str]:
    """Everything a development server answers; nothing is opened to ask."""
    given = Settings(
        public_url="http://localhost:8100",
        secret="nothing is sealed with this one, 0123456789",
        database="sqlite:///never-opened.db",
        development=True,
    )
    store = Store(given.database)
    try:
        return set(_routes("", create_app(given, identity=Identity(store=store, settings=given)).routes))
    finally:
        store.close()


def _routes(prefix: str, routes: list[BaseRoute]) -> Iterator[str]:
    for route in routes:
        if isinstance(route, Mount):
            inner = list(_routes(prefix + route.path, list(route.routes or ())))
            yield from inner or [f"GET {prefix}{route.path}/{{path}}"]
        elif isinstance(route, Route):
            path = re.sub(r":\w+}", "}", prefix + route.path)
            yield from (f"{method} {path}" for method in (route.methods or {"GET"}) - {"HEAD"})


def toolkit_routes() -> set[str]:
    return {f"{{prefix}}/{path}" for path in PATHS.values()}
