"""docs/reference/api.md: what the public names are for, written from their docstrings.

`python -m tests.project.api_page` writes it, a test compares.
"""

import ast
import inspect
from collections.abc import Iterator
from enum import Enum
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from types import FunctionType, ModuleType
from typing import Any

from tests.project.public_names import PUBLIC, called, exported, opened
from tests.project.tree import ROOT

PAGE = ROOT / "docs" / "reference" / "api.md"
HEAD = """# The toolkit's names

Written from the code by `python -m tests.project.api_page`. What is not here is not promised to stay.
Defaults are shown as `…`; [settings](settings.md) and [error codes](errors.md) have pages of their own.
"""


WIDTH = 90


def page() -> str:
    modules = [opened(name) for name in PUBLIC if find_spec(name) is not None]
    contents = " · ".join(f"[`{each.__name__}`](#{_anchor(each.__name__)})" for each in modules)
    homes: dict[int, str] = {}
    parts = [HEAD, contents, *(part for module in modules for part in _module(module, homes))]
    return "\n\n".join(stripped for part in parts if (stripped := part.strip())) + "\n"


def _module(module: ModuleType, homes: dict[int, str]) -> Iterator[str]:
    yield f"## `{module.__name__}`"
    yield _text(module)
    elsewhere = []
    for name in exported(module):
        value = getattr(module, name)
        path = f"{module.__name__}.{name}"
        known = homes.setdefault(id(value), path)
        if known == path:
            yield from _name(name, value, _notes(module).get(name, ""))
        else:
            elsewhere.append(f"`{name}` is `{known}`")
    if elsewhere:
        yield "; ".join(elsewhere) + "."


def _name(name: str, value: Any, note: str) -> Iterator[str]:
    yield f"### `{name}`"
    if not issubclass(type(value), type):
        is_function = type(value) is FunctionType
        yield _signature(name, value) if is_function else ""
        yield _text(value) if is_function else note
        return
    yield "" if issubclass(value, Enum) else _signature(name, value)
    yield _text(value)
    members = [
        _member(each, found) for each, found in sorted(vars(value).items()) if not each.startswith("_")
    ]
    yield "\n".join(line for line in members if line)


def _signature(name: str, value: Any) -> str:
    """As a block, one parameter a line when it is long."""
    signature = called(value)
    if len(name + signature) > WIDTH:
        inner = signature.removeprefix("(").removesuffix(")").replace(", ", ",\n    ")
        signature = f"(\n    {inner},\n)"
    return f"```text\n{name}{signature}\n```" if signature else ""


def _member(name: str, value: Any) -> str:
    plain = value.__func__ if isinstance(value, classmethod | staticmethod) else value
    if inspect.isfunction(plain):
        return f"- `{name}{called(plain)}`{_after(plain)}"
    return f"- `{name}`{_after(value.fget)}" if isinstance(value, property) else ""


def _after(function: Any) -> str:
    text = " ".join((inspect.getdoc(function) or "").split())
    return f": {text}" if text else ""


def _text(value: Any) -> str:
    """The docstring, but not one that only repeats the signature or belongs to a parent."""
    own = value.__dict__.get("__doc__") if inspect.isclass(value) else value.__doc__
    text = inspect.cleandoc(own or "")
    return "" if inspect.isclass(value) and text.startswith(f"{value.__name__}(") else text


@cache
def _notes(module: ModuleType) -> dict[str, str]:
    """The texts that stand below a name that is given a value."""
    body = ast.parse(inspect.getsource(module)).body
    notes: dict[str, str] = {}
    for before, after in pairwise(body):
        target = before.targets[0] if isinstance(before, ast.Assign) else getattr(before, "target", None)
        if (
            isinstance(target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
        ):
            notes[target.id] = inspect.cleandoc(str(after.value.value))
    return notes


def _anchor(name: str) -> str:
    return name.replace(".", "")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
