"""The file of `--seed`: YAML, TOML or JSON. Mistakes are told by file and, but for TOML, by line."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from vestibule.errors import ConfigError
from vestibule.server.identity.context import Identity
from vestibule.server.identity.seeding import seed
from vestibule.server.identity.seeds.entries import SeedInvalid

Seed: TypeAlias = dict[str, Any]

YAML_ENDINGS: Final = (".yaml", ".yml")
LAST_STEP: Final = re.compile(r"(\.[^.\[\]]+|\[\d+\])$")


@dataclass(frozen=True, slots=True)
class SeedFile:
    """`lines` says where each entry and member begins, by its place such as `users[2].email`."""

    path: Path
    data: Seed = field(repr=False)
    lines: Mapping[str, int] = field(repr=False)

    def sow(self, identity: Identity) -> None:
        """Raises ConfigError that names the file and the place in it."""
        try:
            seed(identity, self.data)
        except SeedInvalid as error:
            line = self.line_of(error.place)
            where = str(self.path) if line is None else f"{self.path}, line {line}"
            raise ConfigError(f"{where}: {error.place} {error.problem}", code=error.code) from None

    def line_of(self, place: str) -> int | None:
        """Of the nearest thing around it that is in the file."""
        while place and place not in self.lines:
            place, before = LAST_STEP.sub("", place), place
            if place == before:
                return self.lines.get(place.strip("'"))
        return self.lines.get(place)


def read_seed(path: Path) -> SeedFile:
    """By the ending of its name; JSON is the rest. Raises ConfigError."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ConfigError(f"The seed file {path} is not UTF-8") from None
    except OSError as error:
        raise ConfigError(f"Cannot read the seed file {path}: {error.strerror}") from None
    lines: Mapping[str, int] = {}
    if path.suffix in YAML_ENDINGS:
        data, lines = _read_yaml(path, text)
    else:
        try:
            data = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
        except ValueError as error:
            raise ConfigError(f"The seed file {path} is not valid: {error}") from None
        if path.suffix != ".toml":
            lines = _read_yaml(path, text)[1]
    if not isinstance(data, dict):
        raise ConfigError(f"The seed file {path} must hold one table or object")
    return SeedFile(path, data, lines)


def _read_yaml(path: Path, text: str) -> tuple[Any, Mapping[str, int]]:
    """JSON is YAML too, which knows where each thing stands."""
    import yaml  # a seed is rare, and this takes a while to load

    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is None:
            return {}, {}
        lines = dict(_lines(path, node, ""))
        return yaml.SafeLoader(text).get_single_data(), lines
    except yaml.YAMLError as error:
        raise ConfigError(f"The seed file {path} is not valid: {error}") from None


def _lines(path: Path, node: Any, place: str) -> Iterator[tuple[str, int]]:
    if place:
        yield place, node.start_mark.line + 1
    if node.id == "sequence":
        for number, each in enumerate(node.value):
            yield from _lines(path, each, f"{place}[{number}]")
    elif node.id == "mapping":
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                raise ConfigError(f"{path}, line {key.start_mark.line + 1}: {name!r} is there twice")
            seen.add(name)
            inner = f"{place}.{name}" if place else name
            yield inner, key.start_mark.line + 1
            yield from ((at, line) for at, line in _lines(path, value, inner) if at != inner)
