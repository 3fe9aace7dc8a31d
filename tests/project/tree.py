"""The checkout as data, for the tests that look at it as a whole."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "vestibule"
CODE = ("src", "tests", "examples", "typing_tests", "scripts", "benchmarks")


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that git keeps or would keep, which leaves out what the doors made."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return tuple(path for name in listing.split("\0") if name and (path := ROOT / name).is_file())


def modules(*folders: str) -> list[Path]:
    return [
        path
        for path in tracked()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in (folders or CODE)
    ]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), filename=str(path))


def nodes(*folders: str) -> Iterator[tuple[Path, ast.AST]]:
    for path in modules(*folders):
        for node in ast.walk(parsed(path)):
            yield path, node


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
