"""From `module:app` on the command line to the app itself."""

import importlib
import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from vestibule.errors import ConfigError

HOW = "Write `vestibule audit module:app`, `module:create_app()` or the name of a Django settings module."
NAMES = ("app", "application", "create_app")


def load(target: str, directory: Path) -> Any:
    """The app, or for Django its settings module. Raises ConfigError, saying what to do."""
    module_name, _, attribute = target.partition(":")
    module_name = module_name.removesuffix(".py").replace("/", ".").strip(".")
    if not module_name:
        raise ConfigError(f"{target!r} names no module. {HOW}")
    if str(directory) not in sys.path:
        sys.path.insert(0, str(directory))
    module = _import(module_name, directory)
    if not attribute:
        return module if is_django_settings(module) else _obvious(module)
    return _attribute(module, attribute)


def is_django_settings(value: Any) -> bool:
    return isinstance(value, ModuleType) and hasattr(value, "ROOT_URLCONF")


def _import(name: str, directory: Path) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name and (name == missing.name or name.startswith(f"{missing.name}.")):
            raise ConfigError(
                f"There is no module {missing.name!r} in {directory}. Run this where you start your app."
            ) from None
        raise ConfigError(f"{name!r} needs {missing.name!r}, which is not installed here.") from None
    except ConfigError:
        raise
    except Exception as error:
        raise ConfigError(
            f"{name!r} fails when it is imported: {type(error).__name__}: {error}. "
            "`python -c 'import " + name + "'` shows where."
        ) from error


def _obvious(module: ModuleType) -> Any:
    for name in NAMES:
        if hasattr(module, name):
            return _attribute(module, name)
    raise ConfigError(f"{module.__name__!r} has no `app`. {HOW}")


def _attribute(module: ModuleType, attribute: str) -> Any:
    is_call = attribute.endswith("()")
    found: Any = module
    for part in attribute.removesuffix("()").split("."):
        found = getattr(found, part, None)
        if found is None:
            known = ", ".join(name for name in NAMES if hasattr(module, name)) or "no app either"
            raise ConfigError(f"{module.__name__!r} has no {part!r} (it has {known}). {HOW}")
    if is_call or _is_factory(found):
        return _made(found, f"{module.__name__}:{attribute}")
    return found


def _is_factory(value: Any) -> bool:
    """A function that can be called with nothing: an app is called with a request."""
    if not inspect.isfunction(value):
        return False
    parameters = inspect.signature(value).parameters.values()
    return all(
        each.default is not each.empty or each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
        for each in parameters
    )


def _made(factory: Any, label: str) -> Any:
    try:
        return factory()
    except ConfigError:
        raise
    except Exception as error:
        raise ConfigError(f"{label} fails when it is called: {type(error).__name__}: {error}.") from error
