"""An adapter can be written outside of the package: with listed names, on one page, as its how-to shows."""

import ast
import importlib
from collections.abc import Iterator

from tests.project.public_names import PUBLIC, exported
from tests.project.tree import ROOT

ADAPTER = ROOT / "tests" / "adapters" / "quart_adapter.py"
PAGE = ROOT / "docs" / "how-to" / "new-adapter.md"


def names_of_ours() -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(ADAPTER.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "vestibule":
            yield from ((node.module or "", each.name) for each in node.names)
        elif isinstance(node, ast.Import):
            assert not any(each.name.startswith("vestibule") for each in node.names)


def test_an_adapter_is_less_than_sixty_lines() -> None:
    assert len(ADAPTER.read_text("utf-8").splitlines()) < 60


def test_an_adapter_needs_only_listed_names() -> None:
    used = list(names_of_ours())
    assert len(used) > 5
    for module, name in used:
        assert module in PUBLIC, module
        assert name in exported(importlib.import_module(module)), f"{module}.{name}"


def test_an_adapter_asks_nothing_that_begins_with_an_underscore() -> None:
    asked = [
        node.attr
        for node in ast.walk(ast.parse(ADAPTER.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
    ]
    assert [name for name in asked if name.startswith("_") and not name.startswith("__")] == []


def test_the_how_to_shows_this_very_adapter() -> None:
    assert f"```python\n{ADAPTER.read_text('utf-8')}```" in PAGE.read_text("utf-8")
