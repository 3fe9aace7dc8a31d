"""The language of JWT templates: JSON, in which `{{ user.email || 'nobody' }}` stands for a value.

A path is looked up in plain data and nothing else: there are no attributes, calls, filters or loops. What is
wrong with a template is found when it is read, with the place where.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, NoReturn, TypeAlias

MAX_DEPTH: Final = 8
MAX_PARTS: Final = 500
NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}", re.ASCII)
PATH: Final = re.compile(r"[A-Za-z_][\w-]{0,63}(?:\.(?:[A-Za-z_][\w-]{0,63}|[0-9]{1,3}))*", re.ASCII)
NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,15})(?:\.[0-9]{1,15})?(?![\w.])", re.ASCII)
QUOTED: Final = re.compile(r"'([^'{}\\\x00-\x1f]{0,500})'|\"([^\"{}\\\x00-\x1f]{0,500})\"")
BLANKS: Final = re.compile(r"[ \t\r\n]*")
PLAIN: Final = re.compile(r'[^"\\{\x00-\x1f]+|\{(?!\{)')
ESCAPE: Final = re.compile(r'\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})')
WORDS: Final = {"true": True, "false": False, "null": None}

Scalar: TypeAlias = str | int | float | bool | None


class TemplateError(Exception):
    """`line` and `column` count from one."""

    def __init__(self, problem: str, *, line: int, column: int) -> None:
        super().__init__(f"Line {line}, column {column}: {problem}")
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Path:
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expression:
    """The first alternative that is not null."""

    alternatives: tuple[Path | Scalar, ...]


@dataclass(frozen=True, slots=True)
class Text:
    parts: tuple[str | Expression, ...]


Node: TypeAlias = Expression | Text | Scalar | tuple["Node", ...] | dict[str, "Node"]


def parse(source: str, shape: Mapping[str, Any]) -> dict[str, Node]:
    """`shape` has every path there is, with None for a single value and `...` for data of any shape; the name
    `*` stands for any name, `#` for any index. Raises TemplateError."""
    reader = _Reader(source, shape)
    node = reader.value(0)
    reader.blanks()
    if reader.at < len(source):
        reader.fail("nothing may follow the last brace.")
    if not isinstance(node, dict):
        reader.at = 0
        reader.fail("a template is a JSON object: it begins with a brace.")
    return node


def render(node: Node, data: Mapping[str, Any]) -> Any:
    """Plain JSON values. What a path does not find is null, and empty inside of a text."""
    if isinstance(node, dict):
        return {name: render(inner, data) for name, inner in node.items()}
    if isinstance(node, tuple):
        return [render(inner, data) for inner in node]
    if isinstance(node, Expression):
        return _evaluate(node, data)
    if isinstance(node, Text):
        return "".join(
            part if isinstance(part, str) else _as_text(_evaluate(part, data)) for part in node.parts
        )
    return node


def _evaluate(expression: Expression, data: Mapping[str, Any]) -> Any:
    for alternative in expression.alternatives:
        value = _find(alternative.names, data) if isinstance(alternative, Path) else alternative
        if value is not None:
            return value
    return None


def _find(names: Sequence[str], data: Any) -> Any:
    for name in names:
        if isinstance(data, Mapping):
            data = data.get(name)
        elif isinstance(data, list) and name.isdigit():
            data = data[int(name)] if int(name) < len(data) else None
        else:
            return None
    return data


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


class _Reader:
    def __init__(self, source: str, shape: Mapping[str, Any]) -> None:
        self._source = source
        self._shape = shape
        self._parts = 0
        self.at = 0

    def value(self, depth: int) -> Node:
        self._parts += 1
        if depth > MAX_DEPTH:
            self.fail(f"at most {MAX_DEPTH} levels may be nested.")
        if self._parts > MAX_PARTS:
            self.fail(f"a template may have {MAX_PARTS} values.")
        self.blanks()
        if self._source.startswith("{{", self.at):
            return self._expression(inside_text=False)
        match self._source[self.at : self.at + 1]:
            case "{":
                return self._object(depth)
            case "[":
                return self._array(depth)
            case '"':
                return self._text()
        return self._scalar()

    def _object(self, depth: int) -> dict[str, Node]:
        members: dict[str, Node] = {}
        self.at += 1
        if self._takes("}"):
            return members
        while True:
            self.blanks()
            began = self.at
            name = self._text() if self._source.startswith('"', self.at) else self.fail("a name in quotes.")
            if not isinstance(name, str):
                self.fail("a name is written out: only values may hold {{ }}.", at=began)
            if name in members:
                self.fail(f"the name {name!r} occurs twice.", at=began)
            self._needs(":")
            members[name] = self.value(depth + 1)
            if self._takes("}"):
                return members
            self._needs(",", "a comma or the closing brace.")

    def _array(self, depth: int) -> tuple[Node, ...]:
        items: list[Node] = []
        self.at += 1
        if self._takes("]"):
            return ()
        while True:
            items.append(self.value(depth + 1))
            if self._takes("]"):
                return tuple(items)
            self._needs(",", "a comma or the closing bracket.")

    def _text(self) -> str | Text:
        """A JSON string, with expressions between its characters."""
        parts: list[str | Expression] = []
        self.at += 1
        while not self._source.startswith('"', self.at):
            if self._source.startswith("{{", self.at):
                parts.append(self._expression(inside_text=True))
            elif found := PLAIN.match(self._source, self.at):
                self._advance(found, parts, found[0])
            elif found := ESCAPE.match(self._source, self.at):
                self._advance(found, parts, str(json.loads(f'"{found[0]}"')))
            else:
                self.fail("this text does not end, or holds a character that JSON writes as an escape.")
        self.at += 1
        merged = tuple(self._merged(parts))
        if any(isinstance(part, Expression) for part in merged):
            return Text(merged)
        return "".join(part for part in merged if isinstance(part, str))

    def _merged(self, parts: Iterable[str | Expression]) -> Iterator[str | Expression]:
        for is_text, run in groupby(parts, key=lambda part: isinstance(part, str)):
            if is_text:
                yield self._whole("".join(part for part in run if isinstance(part, str)))
            else:
                yield from run

    def _whole(self, text: str) -> str:
        """Pairs of escapes are one character; half a pair is none."""
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            self.fail("half a surrogate pair is no character.")

    def _advance(self, found: "re.Match[str]", parts: list[str | Expression], text: str) -> None:
        parts.append(text)
        self.at = found.end()

    def _expression(self, *, inside_text: bool) -> Expression:
        self.at += 2
        alternatives = [self._operand(inside_text=inside_text)]
        while not self._takes("}}"):
            self._needs("||", "|| and another value, or }}.")
            alternatives.append(self._operand(inside_text=inside_text))
        return Expression(tuple(alternatives))

    def _operand(self, *, inside_text: bool) -> Path | Scalar:
        self._parts += 1
        self.blanks()
        if found := QUOTED.match(self._source, self.at):
            self.at = found.end()
            return found[1] if found[1] is not None else found[2]
        if found := NUMBER.match(self._source, self.at):
            self.at = found.end()
            return _number(found[0])
        found = PATH.match(self._source, self.at)
        if found is None:
            self.fail("a path like user.email, or a text in quotes.")
        if found[0] in WORDS:
            self.at = found.end()
            return WORDS[found[0]]
        names = tuple(found[0].split("."))
        self._check(names, inside_text=inside_text)
        self.at = found.end()
        return Path(names)

    def _check(self, names: tuple[str, ...], *, inside_text: bool) -> None:
        shape: Any = self._shape
        for depth, name in enumerate(names):
            if shape is ...:
                return
            step = name if isinstance(shape, Mapping) and name in shape else "#" if name.isdigit() else "*"
            if not isinstance(shape, Mapping) or step not in shape:
                self.fail(f"there is no {'.'.join(names[: depth + 1])}.")
            shape = shape[step]
        if inside_text and isinstance(shape, Mapping):
            self.fail(f"{'.'.join(names)} is not a single value: write it outside of the quotes.")

    def _scalar(self) -> Scalar:
        if found := NUMBER.match(self._source, self.at):
            self.at = found.end()
            return _number(found[0])
        if (found := NAME.match(self._source, self.at)) and found[0] in WORDS:
            self.at = found.end()
            return WORDS[found[0]]
        self.fail("a value: a text, a number, true, false, null, {{ }}, [ ] or { }.")

    def blanks(self) -> None:
        found = BLANKS.match(self._source, self.at)
        self.at = found.end() if found else self.at

    def _takes(self, mark: str) -> bool:
        self.blanks()
        if not self._source.startswith(mark, self.at):
            return False
        self.at += len(mark)
        return True

    def _needs(self, mark: str, expected: str = "") -> None:
        if not self._takes(mark):
            self.fail(expected or f"{mark!r} is missing here.")

    def fail(self, problem: str, *, at: int | None = None) -> NoReturn:
        place = self.at if at is None else at
        line = self._source.count("\n", 0, place) + 1
        column = place - self._source.rfind("\n", 0, place)
        prefix = "expected " if problem.startswith(("a ", "|| ")) else ""
        raise TemplateError(prefix + problem, line=line, column=column)


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)
