"""Each command's module is imported when that command is asked for: the toolkit's own commands then start
at once, and need no server to be installed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
import typer.main

from vestibule.errors import ConfigError

SERVER_EXTRA = "pip install 'vestibule[server]'"
ANYTHING: Mapping[str, Any] = {"ignore_unknown_options": True, "allow_extra_args": True}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command is: a module of this package, and a function or a Typer in it."""

    module: str
    name: str
    context_settings: Mapping[str, Any] | None = None


class Commands(Mapping[str, Any]):
    """The commands by name, made on first use."""

    def __init__(self, places: Mapping[str, Place]) -> None:
        self._places = dict(places)
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = _load(name, self._places[name])
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def _load(name: str, place: Place) -> Any:
    try:
        found = getattr(import_module(f"vestibule.cli.{place.module}"), place.name)
    except ModuleNotFoundError as missing:
        needed = (missing.name or "").partition(".")[0]
        if needed == "vestibule":
            raise
        return _made(name, _stand_in(name, needed), ANYTHING)
    return _made(name, found, place.context_settings)


def _made(name: str, found: Any, context_settings: Mapping[str, Any] | None) -> Any:
    around = typer.Typer()
    around.callback()(lambda: None)  # without one Typer would make a lone command the program
    if isinstance(found, typer.Typer):
        around.add_typer(found, name=name)
    else:
        settings = None if context_settings is None else dict(context_settings)
        around.command(name, context_settings=settings)(found)
    return typer.main.get_group(around).commands[name]


def _stand_in(name: str, needed: str) -> Any:
    def missing() -> None:
        raise ConfigError(f"`vestibule {name}` needs {needed}: {SERVER_EXTRA}")

    extra = SERVER_EXTRA.replace("[", "\\[")  # what stands in brackets is markup to the help
    missing.__doc__ = f"Needs the identity server: {extra}"
    return missing
