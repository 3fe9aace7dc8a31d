"""Secrets are compared by `hmac.compare_digest`, whose time does not depend on them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import vestibule.cookies

PACKAGE = Path(vestibule.cookies.__file__).parent
SECRET = re.compile(r"(^|_)(mac|hmac|sig|signature|token|state|hash|digest|secret|verifier|password)$")


def compared(tree: ast.AST) -> Iterator[str]:
    """The names on either side of each `==` and `!=`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and any(isinstance(each, ast.Eq | ast.NotEq) for each in node.ops):
            for side in (node.left, *node.comparators):
                if isinstance(side, ast.Name):
                    yield side.id
                elif isinstance(side, ast.Attribute):
                    yield side.attr


def test_reg_CVE_2016_7036_no_secret_is_compared_with_equals() -> None:
    found = [
        f"{path.name}: {name}"
        for folder in ("crypto", "session")
        for path in (PACKAGE / folder).glob("*.py")
        for name in compared(ast.parse(path.read_text(encoding="utf-8")))
        if SECRET.search(name)
    ]
    assert found == []


def test_the_search_would_find_one() -> None:
    tree = ast.parse("if given_token == self.refresh_token: ...")
    assert [name for name in compared(tree) if SECRET.search(name)] == ["given_token", "refresh_token"]
