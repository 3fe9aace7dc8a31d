"""Finding the app object in the sources of a project, without running them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vestibule.cli.starting.frameworks import FRAMEWORKS, Framework

SKIPPED = frozenset(
    {"node_modules", "build", "dist", "site-packages", "__pycache__", "migrations", "venv", "env"}
)
MOST_FILES = 3000
LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Source:
    """One module of the project, parsed."""

    path: Path
    tree: ast.Module


@dataclass(frozen=True, slots=True)
class App:
    """Where an app is made. `name` None: it is not kept in a variable. `function`: the factory it is in."""

    source: Source
    framework: Framework
    call: ast.Call
    statement: ast.stmt
    name: str | None
    function: ast.FunctionDef | None = None

    @property
    def place(self) -> str:
        """As people write it: the file, and the variable or factory."""
        return f"{self.source.path.as_posix()}:{self.callable_name}"

    @property
    def callable_name(self) -> str:
        return self.function.name if self.function else (self.name or "?")


def read_sources(directory: Path) -> Iterator[Source]:
    """Every module below the directory that parses; paths are relative to it."""
    for path in python_files(directory):
        try:
            if path.stat().st_size <= LARGEST:
                yield Source(path.relative_to(directory), ast.parse(path.read_bytes()))
        except (OSError, SyntaxError, ValueError, RecursionError):
            continue


def python_files(directory: Path) -> Iterator[Path]:
    yield from files(directory, (".py",))


def files(directory: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    """Those of the project itself: what is hidden, installed or generated is left out."""
    waiting, seen = [directory], 0
    while waiting:
        try:
            entries = sorted(waiting.pop().iterdir())
        except OSError:
            continue
        for entry in entries:
            if entry.name.startswith(".") or entry.is_symlink():
                continue
            if entry.is_dir():
                if entry.name not in SKIPPED and not (entry / "pyvenv.cfg").exists():
                    waiting.append(entry)
            elif entry.suffix in suffixes and (seen := seen + 1) <= MOST_FILES:
                yield entry


def is_test(path: Path) -> bool:
    name = path.name
    return "tests" in path.parts[:-1] or "test" in path.parts[:-1] or name.startswith(("test_", "conftest"))


def find_apps(source: Source) -> Iterator[App]:
    makers = dict(_makers(source.tree))
    if makers:
        yield from _apps(source, makers, source.tree.body, None)


def imports_vestibule(source: Source) -> bool:
    """Whether sign-in is set up here already."""
    return any(
        isinstance(node, ast.ImportFrom) and (node.module or "").startswith("vestibule.")
        for node in ast.walk(source.tree)
    )


def imported_frameworks(source: Source) -> set[str]:
    found = {name.partition(".")[0] for name in _imported_modules(source.tree)}
    return found & set(FRAMEWORKS)


def _imported_modules(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def _makers(tree: ast.Module) -> Iterator[tuple[str, Framework]]:
    """The expressions that name an app class in this module: `FastAPI`, `fastapi.FastAPI`, their aliases."""
    for node in ast.walk(tree):
        for framework in FRAMEWORKS.values():
            for module, name in framework.classes:
                if isinstance(node, ast.ImportFrom) and node.module == module:
                    yield from (
                        (each.asname or each.name, framework) for each in node.names if each.name == name
                    )
                elif isinstance(node, ast.Import):
                    for each in node.names:
                        if each.name == module:
                            yield f"{each.asname or each.name}.{name}", framework


def _apps(
    source: Source, makers: dict[str, Framework], body: list[ast.stmt], function: ast.FunctionDef | None
) -> Iterator[App]:
    for statement in body:
        if isinstance(statement, ast.FunctionDef):
            yield from _apps(source, makers, statement.body, statement)
        elif isinstance(statement, ast.Assign | ast.AnnAssign | ast.Return):
            call = statement.value
            framework = makers.get(ast.unparse(call.func)) if isinstance(call, ast.Call) else None
            if framework is not None and isinstance(call, ast.Call):
                yield App(source, framework, call, statement, _name(statement), function)


def _name(statement: ast.stmt) -> str | None:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
    return None
