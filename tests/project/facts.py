"""What the code says about itself (settings, error codes, commands, routes), and what the reference lists."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields

import typer.main
from click import Command, Group

from tests.project.tree import ROOT, nodes

CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
CODE_NAMES = {"code", "default_code"}


def documented(page: str) -> set[str]:
    """What stands in backticks in a heading or in the first cell of a table row."""
    text = (ROOT / "docs" / "reference" / page).read_text("utf-8")
    places = re.findall(r"(?m)^(?:#{2,6} (.*)|\| *([^|]*)\|)", text)
    return {name for place in places for name in re.findall(r"`([^`]+)`", "".join(place))}


def toolkit_settings() -> set[str]:
    from vestibule.session.config import Config

    return {field.name for field in fields(Config) if not field.name.startswith("_")}


def server_settings() -> set[str]:
    from vestibule.server.settings import PREFIX, Settings

    return {PREFIX + field.name.upper() for field in fields(Settings)}


def error_codes() -> set[str]:
    """Literal codes: `code = "…"` in a class, `code="…"` in a call, and the constants of wire/codes.py."""
    return {code for code in _literal_codes() if CODE.fullmatch(code)}


def _literal_codes() -> Iterator[str]:
    for path, node in nodes("src"):
        if isinstance(node, ast.Call):
            yield from (
                text for word in node.keywords if word.arg in CODE_NAMES for text in _texts(word.value)
            )
        elif isinstance(node, ast.ClassDef):
            for statement in node.body:
                if isinstance(statement, ast.Assign | ast.AnnAssign) and _targets(statement) & CODE_NAMES:
                    yield from _texts(statement.value)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and path.match("wire/codes.py"):
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


def commands() -> set[str]:
    from vestibule.cli.program import program

    return set(_commands("vestibule", typer.main.get_command(program)))


def _commands(path: str, command: Command) -> Iterator[str]:
    if not isinstance(command, Group):
        yield path
        return
    for name, inner in command.commands.items():
        if not inner.hidden:
            yield from _commands(f"{path} {name}", inner)
