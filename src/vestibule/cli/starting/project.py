"""What a directory holds: its framework, its app, and the tool that installs its dependencies."""

import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from vestibule.cli.starting.apps import (
    App,
    Source,
    find_apps,
    imported_frameworks,
    imports_vestibule,
    is_test,
    read_sources,
)
from vestibule.cli.starting.frameworks import DJANGO, FRAMEWORKS, Framework
from vestibule.cli.starting.texts import Text

NAME: Final = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
LOCKED: Final = re.compile(r'(?m)^name = "([^"]+)"')
LOCKS: Final = {"uv.lock": "uv", "poetry.lock": "poetry", "pdm.lock": "pdm"}
TOOLS: Final = ("uv", "poetry", "pdm")


@dataclass(frozen=True)
class Project:
    """`sources` are the modules that are no tests."""

    directory: Path
    pyproject: Mapping[str, Any] = field(repr=False)
    pyproject_problem: str | None
    sources: tuple[Source, ...] = field(repr=False)
    all_sources: tuple[Source, ...] = field(repr=False)

    @cached_property
    def apps(self) -> tuple[App, ...]:
        return tuple(app for source in self.sources for app in find_apps(source))

    @cached_property
    def is_wired(self) -> bool:
        """Whether something here uses the package already. Django names it in strings only."""
        return any(imports_vestibule(source) for source in self.sources) or self._names_django_middleware

    @property
    def _names_django_middleware(self) -> bool:
        settings = (
            text for each in self.sources if (text := self.text(each.path)) and "settings" in each.path.stem
        )
        return any("vestibule.django" in text.content for text in settings)

    @cached_property
    def declared(self) -> frozenset[str]:
        """The names of what the project says it depends on."""
        return frozenset(_normal(name) for name in self._requirements())

    @cached_property
    def tool(self) -> str:
        for lock, tool in LOCKS.items():
            if self.has(lock):
                return tool
        configured = self.pyproject.get("tool", {})
        for tool in TOOLS:
            if tool in configured:
                return tool
        plain = not self.has("pyproject.toml") and not self.requirement_files
        return "uv" if plain and shutil.which("uv") else "pip"

    @cached_property
    def requirement_files(self) -> tuple[Path, ...]:
        found = [*self.directory.glob("requirements*.in"), *self.directory.glob("requirements*.txt")]
        return tuple(sorted((path.relative_to(self.directory) for path in found), key=_rank))

    @cached_property
    def framework(self) -> Framework | None:
        """By the app object, else by what is declared, imported or locked."""
        made = {app.framework.name for app in self.apps}
        if not made and self.has("manage.py"):
            return DJANGO
        imported = {name for source in self.sources for name in imported_frameworks(source)}
        for names in (made, self.declared, imported, self._locked()):
            found = next((each for name, each in FRAMEWORKS.items() if name in names), None)
            if found is not None:
                return found
        return None

    def has(self, name: str) -> bool:
        return (self.directory / name).exists()

    def text(self, path: Path | str) -> Text | None:
        return Text.read(self.directory / path)

    def _requirements(self) -> Iterator[str]:
        project = self.pyproject.get("project", {})
        groups = self.pyproject.get("dependency-groups", {})
        optional = project.get("optional-dependencies", {})
        for listed in (project.get("dependencies", []), *optional.values(), *groups.values()):
            yield from (name for each in listed if isinstance(each, str) and (name := _name(each)))
        yield from self.pyproject.get("tool", {}).get("poetry", {}).get("dependencies", {})
        for path in self.requirement_files:
            text = self.text(path)
            yield from (name for line in (text.lines if text else ()) if (name := _name(line)))

    def _locked(self) -> set[str]:
        texts = (self.text(lock) for lock in LOCKS)
        return {name for text in texts if text for name in LOCKED.findall(text.content)}


def read_project(directory: Path) -> Project:
    pyproject, problem = _pyproject(directory / "pyproject.toml")
    sources = tuple(read_sources(directory))
    return Project(
        directory=directory,
        pyproject=pyproject,
        pyproject_problem=problem,
        sources=tuple(source for source in sources if not is_test(source.path)),
        all_sources=sources,
    )


def _pyproject(path: Path) -> tuple[dict[str, Any], str | None]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig")), None
    except FileNotFoundError:
        return {}, None
    except (OSError, ValueError) as error:
        return {}, f"pyproject.toml cannot be read and was left alone: {error}"


def _name(requirement: str) -> str | None:
    found = NAME.match(requirement)
    return found[1] if found else None


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _rank(path: Path) -> tuple[bool, bool, str]:
    """`requirements.in` is what people edit where there is one; then the plain name."""
    return (path.suffix != ".in", path.stem != "requirements", path.name)
