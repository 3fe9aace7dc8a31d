"""Every operation of the published interface: whether this server has it, and the SDK tests that prove it.

`python -m tests.project.operations_table` writes the page.
"""

import importlib
import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from tests.project.facts import server_routes
from tests.project.tree import ROOT
from tests.server.api.specification import specification
from vestibule.server.api.operation import Operation
from vestibule.server.api.routes import OPERATIONS

PAGE = ROOT / "docs" / "reference" / "operations.md"
LIST = ROOT / "tests" / "vectors" / "operations.txt"
SUITE = ROOT / "tests" / "sdk"
INTRODUCTION = """\
# Operations

The operations of the WorkOS API, by product: which of them this server has, and which test calls each
through the official SDKs, unmodified, on SQLite and on PostgreSQL. *No method*: the Node SDK cannot call it.

Written by `python -m tests.project.operations_table` from the code and the published interface; a test fails
when it no longer says what is in the tree. The SDKs are `workos` 10.8.0 for Python and `@workos-inc/node`
10.14.0 and 11.0.0.
"""
OURS = """\
## Ours alone

What the published interface has no operation for. They take the same key and answer in the same shapes.
"""
LATER = """\
## Later

Not served: a call is answered with 404.
"""


@dataclass(frozen=True, slots=True)
class Published:
    """An operation of the interface. `in_node`: the Node SDK has a method for it."""

    name: str
    product: str
    in_node: bool

    @property
    def promised(self) -> bool:
        """Part of the interface that this server sets out to serve."""
        method, _, path = self.name.partition(" ")
        return method.lower() in specification()["paths"].get(path, {})

    @property
    def served(self) -> bool:
        return nameless(self.name) in {nameless(name) for name in routes()}


@cache
def routes() -> frozenset[str]:
    return frozenset(server_routes())


def nameless(operation: str) -> str:
    """Without the names of path parameters, which differ here and there."""
    return re.sub(r"{\w+}", "{}", operation)


@cache
def published() -> tuple[Published, ...]:
    return tuple(_published(LIST.read_text("utf-8").splitlines()[1:]))


def _published(lines: Iterable[str]) -> Iterator[Published]:
    product = ""
    for line in filter(None, lines):
        if line.startswith("# "):
            product = line[2:]
        else:
            yield Published(line.removesuffix(" -"), product, not line.endswith(" -"))


def ours() -> list[str]:
    known = {nameless(each.name) for each in published()}
    return sorted(_name(each) for each in OPERATIONS if nameless(_name(each)) not in known)


def _name(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


@cache
def proofs() -> dict[str, dict[str, set[str]]]:
    """`{"python": {operation: files}, "node": {…}}`, from what the SDK tests say they cover."""
    found: dict[str, dict[str, set[str]]] = {"python": {}, "node": {}}
    for path in sorted(SUITE.glob("test_*.py")):
        module = importlib.import_module(f"tests.sdk.{path.stem}")
        for test in vars(module).values():
            for mark in getattr(test, "pytestmark", []):
                if mark.name == "covers":
                    for name in mark.args:
                        found[_sdk_of(test)].setdefault(name, set()).add(f"sdk/{path.name}")
    return found


def _sdk_of(test: Callable[..., object]) -> str:
    return "node" if "node" in inspect.signature(test).parameters else "python"


def page() -> str:
    parts = [INTRODUCTION]
    products = dict.fromkeys(each.product for each in published())
    for product in products:
        rows = [_row(each) for each in published() if each.product == product and each.promised]
        if rows:
            parts.append(f"## {product}\n\n" + _table("Operation | Served | Python | Node", rows))
    summaries = {_name(each): each.summary.partition("\n")[0] for each in OPERATIONS}
    parts.append(OURS)
    parts.append(_table("Operation | What it does", [f"| `{name}` | {summaries[name]} |" for name in ours()]))
    parts.append(LATER)
    for product in products:
        names = [f"`{each.name}`" for each in published() if each.product == product and not each.promised]
        if names:
            parts.append(f"**{product}**: {', '.join(names)}.")
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _row(operation: Published) -> str:
    served = "yes" if operation.served else "not yet"
    node = _files("node", operation) if operation.in_node else "no method"
    return f"| `{operation.name}` | {served} | {_files('python', operation)} | {node} |"


def _files(sdk: str, operation: Published) -> str:
    return ", ".join(f"`{path}`" for path in sorted(proofs()[sdk].get(operation.name, ())))


def _table(heads: str, rows: Iterable[str]) -> str:
    return "\n".join([f"| {heads} |", "| --- " * (heads.count("|") + 1) + "|", *rows])


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
