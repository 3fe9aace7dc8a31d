"""Adding sign-in to an app that exists: a few inserted lines, where it is certain what they do."""

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass

from vestibule.cli.starting.apps import App
from vestibule.cli.starting.templating import indented, render
from vestibule.cli.starting.texts import Text

PAGES = ("account", "my_account", "signed_in_as")
PLUGIN = "Auth()"


class NotCertain(Exception):
    """Why the lines are only shown."""


@dataclass(frozen=True, slots=True)
class Page:
    """The protected page: the name of its function and its path."""

    name: str

    @property
    def path(self) -> str:
        return "/" + self.name.replace("_", "-")


@dataclass(frozen=True, slots=True)
class Wiring:
    """What goes where, for one framework. `imports`: module and names."""

    imports: tuple[tuple[str, tuple[str, ...]], ...]
    template: str
    plugin: bool = False


WIRINGS = {
    "fastapi": Wiring((("vestibule.fastapi", ("Auth", "CurrentSession")),), "fastapi/page.py"),
    "flask": Wiring((("vestibule.flask", ("Auth", "current_session", "requires")),), "flask/page.py"),
    "starlette": Wiring(
        (
            ("starlette.requests", ("Request",)),
            ("starlette.responses", ("JSONResponse",)),
            ("vestibule.starlette", ("Auth", "current_session", "requires")),
        ),
        "starlette/page.py",
    ),
    "litestar": Wiring(
        (("litestar", ("get",)), ("vestibule.litestar", ("Auth", "CurrentSession"))),
        "litestar/page.py",
        plugin=True,
    ),
}


def choose_page(contents: list[str]) -> Page:
    """A path that nothing in the project seems to have."""
    for name in PAGES:
        page = Page(name)
        if not any(
            f'{page.path}"' in text or f"{page.path}'" in text or f"{page.path}/" in text for text in contents
        ):
            return page
    raise NotCertain("the project has pages at /account, /my-account and /signed-in-as")


def wire(app: App, text: Text, page: Page) -> Text:
    """Raises NotCertain."""
    if app.name is None:
        raise NotCertain(f"{app.place} makes an app that is in no variable")
    _check_whole_lines(app.statement, text)
    wiring = WIRINGS[app.framework.name]
    bound = _bound_names(app.source.tree)
    if page.name in bound:
        raise NotCertain(f"{app.source.path} has a {page.name!r} of its own")
    auth = "auth = " if not wiring.plugin and "auth" not in bound else ""
    indent = " " * app.statement.col_offset
    place, imports = _imports(app, text, wiring, bound)
    end = app.statement.end_lineno or 0
    block = render(wiring.template, app=app.name, auth=auth, name=page.name, path=page.path)
    wired = text.inserted(end, _spaced(indented(block, indent), text, end, nested=bool(indent)))
    if wiring.plugin:  # from the end to the beginning, so that no line number changes before it is used
        wired = _with_plugin(app, wired)
    wired = wired.inserted(place, imports)
    _check_it_parses(wired)
    return wired


def lines_by_hand(app: App | None, framework_name: str, page: Page) -> str:
    """What a person adds where it cannot be added surely."""
    wiring = WIRINGS[framework_name]
    imports = "\n".join(f"from {module} import {', '.join(names)}" for module, names in wiring.imports)
    name = app.name if app and app.name else "app"
    block = render(wiring.template, app=name, auth="auth = ", name=page.name, path=page.path).lstrip("\n")
    made = f"{name} = Litestar(…, plugins=[{PLUGIN}])\n\n\n" if wiring.plugin else ""
    return f"{imports}\n\n{made}{block}".rstrip("\n")


def _check_whole_lines(statement: ast.stmt, text: Text) -> None:
    first = text.lines[statement.lineno - 1].encode()[: statement.col_offset]
    last = text.lines[(statement.end_lineno or 0) - 1].encode()[statement.end_col_offset or 0 :].decode()
    if first.strip(b" ") or (last.strip() and not last.strip().startswith("#")):
        raise NotCertain("the line that makes the app does more than that")


def _bound_names(tree: ast.Module) -> set[str]:
    """Every name this module gives to something, at any depth."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {each.asname or each.name.partition(".")[0] for each in node.names}
    return names - set(dir(builtins))


def _imports(app: App, text: Text, wiring: Wiring, bound: set[str]) -> tuple[int, str]:
    """The line to put them after, and those that are not there yet."""
    lines = []
    for module, names in wiring.imports:
        there = _imported_names(app.source.tree, module)
        wanted = [name for name in names if name not in there]
        if taken := sorted(bound & set(wanted)):
            raise NotCertain(f"{app.source.path} has a {taken[0]!r} of its own")
        if wanted:
            lines.append(f"from {module} import {', '.join(wanted)}\n")
    place = _last_import_beside(app, text)
    if place >= app.statement.lineno:
        raise NotCertain(f"{app.source.path} imports {app.framework.title} in an unusual place")
    return place, "".join(lines)


def _imported_names(tree: ast.Module, module: str) -> set[str]:
    return {
        each.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == module and not node.level
        for each in node.names
        if each.asname is None
    }


def _last_import_beside(app: App, text: Text) -> int:
    """The last line of the block of imports that the framework's own stands in."""
    body, root = app.source.tree.body, app.framework.classes[0][0].partition(".")[0]
    end = None
    for node in body:
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        module = node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name
        begins = end is None and module.partition(".")[0] == root
        if begins or (end is not None and node.lineno == end + 1):
            end = node.end_lineno
    if end is None:
        raise NotCertain(f"{app.source.path} imports {app.framework.title} in an unusual way")
    _check_import_ends(text, end)
    return end


def _check_import_ends(text: Text, line: int) -> None:
    if ";" in text.lines[line - 1].partition("#")[0]:
        raise NotCertain("an import shares its line with something else")


def _spaced(block: str, text: Text, end: int, *, nested: bool) -> str:
    """As many blank lines after a function as formatters put there."""
    wanted = 1 if nested else 2
    rest = [line.strip() for line in text.lines[end:]]
    if not any(rest):
        return block
    blank = next(number for number, line in enumerate(rest) if line)
    return block + "\n" * max(0, wanted - blank)


def _with_plugin(app: App, text: Text) -> Text:
    """`plugins=[Auth()]` as one more argument of the call, on the line where the last one ends."""
    if any(keyword.arg in ("plugins", None) for keyword in app.call.keywords):
        raise NotCertain(f"{app.place} has plugins already")
    ends = [(node.end_lineno or 0, node.end_col_offset or 0) for node in (*app.call.args, *_values(app.call))]
    line, column = max(ends, default=(app.call.func.end_lineno or 0, (app.call.func.end_col_offset or 0) + 1))
    raw = text.lines[line - 1].encode()
    added = f"{', ' if ends else ''}plugins=[{PLUGIN}]"
    if ends and _stands_alone(text, line, column):
        indent = text.lines[line - 1][: len(text.lines[line - 1]) - len(text.lines[line - 1].lstrip())]
        added = f",{text.newline}{indent}plugins=[{PLUGIN}]"
    changed = (raw[:column] + added.encode() + raw[column:]).decode()
    lines = [*text.lines]
    lines[line - 1 : line] = Text.of(changed).lines
    return Text(tuple(lines), text.newline)


def _values(call: ast.Call) -> Iterator[ast.expr]:
    yield from (keyword.value for keyword in call.keywords)


def _stands_alone(text: Text, line: int, column: int) -> bool:
    """Whether each argument has a line of its own: then the new one gets one too."""
    return text.lines[line - 1].encode()[column:].strip() in (b"", b",")


def _check_it_parses(text: Text) -> None:
    try:
        ast.parse(text.content.encode())
    except SyntaxError:
        raise NotCertain("the result would not be Python") from None
