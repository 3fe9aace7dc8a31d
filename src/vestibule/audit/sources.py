"""Where a handler is written, and what its source says about guards that the framework does not see."""

import ast
import functools
import inspect
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FunctionType, MethodType
from typing import Any

from vestibule.audit.model import Guard
from vestibule.audit.words import parts_of
from vestibule.session.guards import All, Requirement

MARK = "__vestibule_requirement__"
# What a framework wraps a handler in without changing what it is.
INNER = ("__wrapped__", "_vestibule_inner", "func", "__func__")
VALIDATES = ("model_validate", "validate_on_submit", "is_valid", "__struct_fields__", "__attrs_attrs__")


def requirement_of(value: object) -> Requirement | None:
    """What a guard asks for, if it is one."""
    found = _attribute(value, MARK)
    return found if isinstance(found, Requirement) else None


def _attribute(value: object, name: str) -> object | None:
    """Nothing where asking fails: a proxy such as Flask's `request` is bound to nothing here."""
    try:
        return getattr(value, name, None)
    except Exception:
        return None


def chain(handler: object) -> Iterator[object]:
    """A handler, what it wraps, what that wraps, …"""
    seen: set[int] = set()
    current: object | None = handler
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = next((inner for name in INNER if (inner := _own(current, name)) is not None), None)


def _own(value: object, name: str) -> object | None:
    """An attribute that is the thing's own; a class would give its instances' too."""
    if inspect.isclass(value) and name not in vars(value):
        return None
    if name == "func" and not isinstance(value, functools.partial):
        return None
    return _attribute(value, name)


def guards_on(handler: object, place: str) -> Iterator[Guard]:
    """The guards a handler is wrapped in. `functools.wraps` copies a mark outwards and the next guard adds
    to it, so what an outer layer has said already is no further guard."""
    seen: set[int] = set()
    for layer in chain(handler):
        found = requirement_of(layer)
        if found is not None and id(found) not in seen:
            seen |= set(map(id, parts_of(found)))
            yield Guard(found, place)


def times_guarded(handler: object) -> int:
    """How many guards are around it: each one that is added makes another mark of the one before."""
    found = [requirement_of(layer) for layer in chain(handler)]
    return len({id(each) for each in found if each is not None})


def function_of(handler: object) -> Any:
    """The innermost function or class: what the app's author wrote."""
    return list(chain(handler))[-1]


def location(handler: object) -> str:
    """`app/views.py:12`, relative to the working directory where that is shorter."""
    inner = function_of(handler)
    try:
        if inspect.isclass(inner):
            line = inspect.getsourcelines(inner)[1]
        elif isinstance(code := getattr(inner, "__code__", None), CodeType):
            line = code.co_firstlineno
        else:
            return location(type(inner)) if not _built_in(type(inner)) else ""
        file = inspect.getsourcefile(inner) or ""
    except (OSError, TypeError):
        return ""
    return f"{_short(file)}:{line}"


def _built_in(kind: type) -> bool:
    return kind.__module__ in ("builtins", "functools", "types")


def _short(file: str) -> str:
    path = Path(file)
    here = Path.cwd()
    if path.is_relative_to(here):
        return path.relative_to(here).as_posix()
    parts = path.parts
    if "site-packages" in parts:
        return "/".join(parts[parts.index("site-packages") + 1 :])
    return path.as_posix()


def name_of(handler: object) -> str:
    inner = function_of(handler)
    named = inner if hasattr(inner, "__qualname__") else type(inner)
    return f"{named.__module__}.{named.__qualname__}".replace(".<locals>", "")


def asks_for_session(handler: object) -> Guard | None:
    """A handler that calls `current_session(request)` in its own code turns away who is signed out."""
    inner = function_of(handler)
    if not isinstance(inner, FunctionType | MethodType):
        return None
    for value in _globals_used(inner):
        if inspect.isroutine(value) and value.__name__ in REFUSES and ours(value):
            return Guard(All(), "in its code")
    return None


REFUSES = frozenset({"current_session", "current_user"})


def ours(value: object) -> bool:
    return str(getattr(value, "__module__", "")).partition(".")[0] == "vestibule"


def validates(handler: object) -> bool:
    """Whether its code names something that validates input: a model, a form, a schema."""
    inner = function_of(handler)
    if not isinstance(inner, FunctionType | MethodType):
        return False
    return any(
        inspect.isclass(value) and any(hasattr(value, name) for name in VALIDATES)
        for value in _globals_used(inner)
    )


def _globals_used(function: Callable[..., Any]) -> Iterator[object]:
    code: CodeType = function.__code__
    names = function.__globals__
    for name in dict.fromkeys(_names(code)):
        if name in names:
            yield names[name]


def referenced(function: Any) -> Iterator[object]:
    """What a function can call: globals that its code names, and what it closes over."""
    yield from _globals_used(function)
    yield from closed_over(function)


def closed_over(function: Any) -> Iterator[Any]:
    for cell in getattr(function, "__closure__", None) or ():
        try:
            yield cell.cell_contents
        except ValueError:  # not filled yet
            yield None


def _names(code: CodeType) -> Iterator[str]:
    """Of the code and of functions written inside of it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def written_guards(handler: object) -> list[str]:
    """The decorators above the handler in its source that are guards, as text: `requires(role="admin")`."""
    inner = function_of(handler)
    if not isinstance(inner, FunctionType):
        return []
    tree = _parsed(inner)
    decorators: list[ast.expr] = getattr(tree, "decorator_list", []) if tree else []
    return [ast.unparse(each) for each in decorators if _is_guard(each, inner.__globals__)]


@functools.lru_cache(maxsize=4096)
def _parsed(function: FunctionType) -> ast.stmt | None:
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, TypeError, SyntaxError, IndexError):
        return None


def _is_guard(decorator: ast.expr, names: dict[str, Any]) -> bool:
    """`requires(…)` of ours under whatever name, or a guard that was made before: `admin_only`."""
    if isinstance(decorator, ast.Call):
        made_by = _resolve(decorator.func, names)
        return inspect.isroutine(made_by) and made_by.__name__ == "requires" and ours(made_by)
    return requirement_of(_resolve(decorator, names)) is not None


def _resolve(expression: ast.expr, names: dict[str, Any]) -> Any:
    if isinstance(expression, ast.Name):
        return names.get(expression.id)
    if isinstance(expression, ast.Attribute):
        return getattr(_resolve(expression.value, names), expression.attr, None)
    return None
