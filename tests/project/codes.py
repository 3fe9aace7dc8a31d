"""Every error code that stands in the source as a literal."""

import ast
import re
from collections.abc import Iterator

from tests.project.tree import modules, nodes, parsed

CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
NAMES = {"code", "default_code", "error"}


def error_codes() -> set[str]:
    takes_code: dict[str, set[int]] = {}
    for name, place in _functions_that_take_a_code():
        takes_code.setdefault(name, set()).add(place)
    found = {code for _path, node in nodes("src") for code in _codes(node, takes_code)}
    constants = {
        code for path in modules("src") if path.match("wire/codes.py") for code in _constants(parsed(path))
    }
    return {code for code in found | constants if CODE.fullmatch(code)}


def _functions_that_take_a_code() -> Iterator[tuple[str, int]]:
    """With the place of their parameter `code`, counted without `self`."""
    for _path, node in nodes("src"):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names = [argument.arg for argument in node.args.args if argument.arg not in {"self", "cls"}]
            if "code" in names:
                yield node.name, names.index("code")


def _codes(node: ast.AST, takes_code: dict[str, set[int]]) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args, keywords=keywords):
            places = takes_code.get(name, set())
            given: list[ast.expr | None] = [
                *(arg for place, arg in enumerate(args) if place in places),
                *(word.value for word in keywords if word.arg in NAMES),
            ]
        case ast.ClassDef(body=body):
            assigned = (each for each in body if isinstance(each, ast.Assign | ast.AnnAssign))
            given = [each.value for each in assigned if _targets(each) & NAMES]
        case ast.Dict(keys=keys, values=values):
            members = zip(keys, values, strict=True)
            given = [value for key, value in members if isinstance(key, ast.Constant) and key.value == "code"]
        case _:
            given = []
    for value in given:
        yield from _texts(value)


def _constants(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Assign | ast.AnnAssign):
            yield from _texts(node.value)


def _targets(statement: ast.Assign | ast.AnnAssign) -> set[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _texts(value: ast.expr | None) -> Iterator[str]:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.IfExp):
        yield from _texts(value.body)
        yield from _texts(value.orelse)
