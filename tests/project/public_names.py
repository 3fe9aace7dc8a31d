"""The public surface as text: `make api` writes it to tests/public_api.txt, a test compares the two.

A line is a name and how it is called. Private parameters, annotations and the values of defaults are
left out: they may change without breaking a caller.
"""

import importlib
import inspect
import sys
from collections.abc import Iterator
from enum import Enum
from importlib.util import find_spec
from types import FunctionType, ModuleType
from typing import Any, TypeVar

from tests.django_settings import set_up_django

PUBLIC = (
    "vestibule",
    "vestibule.asgi",
    "vestibule.cookies",
    "vestibule.crypto.seal",
    "vestibule.crypto.sealer",
    "vestibule.datastores",
    "vestibule.django",
    "vestibule.entry",
    "vestibule.errors",
    "vestibule.fastapi",
    "vestibule.flask",
    "vestibule.flow",
    "vestibule.installation",
    "vestibule.litestar",
    "vestibule.direct",
    "vestibule.direct.aura",
    "vestibule.oauth",
    "vestibule.send",
    "vestibule.session.config",
    "vestibule.session.core",
    "vestibule.session.data",
    "vestibule.session.events",
    "vestibule.session.guards",
    "vestibule.session.incoming",
    "vestibule.session.model",
    "vestibule.session.reply",
    "vestibule.starlette",
    "vestibule.templating",
    "vestibule.testing",
    "vestibule.wsgi",
)


def lines() -> Iterator[str]:
    seen: dict[int, str] = {}
    for name in PUBLIC:
        if find_spec(name) is None:
            continue
        module = opened(name)
        for public in exported(module):
            value, path = getattr(module, public), f"{name}.{public}"
            known = seen.setdefault(id(value), path)
            yield from described(path, value) if known == path else [f"{path} is {known}"]


def opened(name: str) -> ModuleType:
    """The module, where its names can be had: some of Django's need a project."""
    if name == "vestibule.django":
        set_up_django()
    return importlib.import_module(name)


def exported(module: ModuleType) -> list[str]:
    """`__all__`, or what the module itself defines under a name without underscore."""
    listed = getattr(module, "__all__", None)
    if listed is not None:
        return sorted(listed)
    return sorted(
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and getattr(value, "__module__", None) == module.__name__
        and not isinstance(value, TypeVar)
    )


def described(path: str, value: Any) -> Iterator[str]:
    # By its type: a proxy such as Flask's pretends to be what it stands for, and here it stands for nothing.
    if not issubclass(type(value), type):
        yield path + (called(value) if type(value) is FunctionType else "")
        return
    yield path + ("" if issubclass(value, Enum) else called(value))
    for name, member in sorted(vars(value).items()):
        if name.startswith("_") or isinstance(member, type):
            continue
        plain = member.__func__ if isinstance(member, classmethod | staticmethod) else member
        yield f"{path}.{name}" + (called(plain) if inspect.isfunction(plain) else "")


def called(value: object) -> str:
    try:
        signature = inspect.signature(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return ""
    plain = [
        parameter.replace(
            annotation=inspect.Parameter.empty,
            default=parameter.default if parameter.default is inspect.Parameter.empty else Ellipsis,
        )
        for parameter in signature.parameters.values()
        if not parameter.name.startswith("_")
    ]
    text = str(signature.replace(parameters=plain, return_annotation=inspect.Signature.empty))
    return text.replace("=Ellipsis", "=…")


if __name__ == "__main__":
    sys.stdout.writelines(line + "\n" for line in lines())
