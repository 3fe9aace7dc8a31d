"""Guards that were written for a handler, and that the framework never calls."""

import functools
import inspect
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from vestibule.audit import sources
from vestibule.audit.model import Endpoint, Fault, Finding, Flaw, Guard
from vestibule.audit.words import parts_of
from vestibule.session.guards import Requirement


def not_applied(handler: Any) -> Iterator[Guard]:
    """Decorators in the source that are not around the function, and a guarded form of it that exists
    besides: the route got the bare function."""
    applied = sources.times_guarded(handler)
    written = sources.written_guards(handler)
    if len(written) > applied:
        for text in written[: len(written) - applied]:
            why = f"`@{text}` stands above the route decorator, so the route has the function without it"
            yield Guard(
                None, "endpoint", text, Fault(Flaw.NOT_APPLIED, why, "Put it below the route decorator.")
            )
        return
    if not applied:
        yield from _guarded_elsewhere(handler)


def _guarded_elsewhere(handler: Any) -> Iterator[Guard]:
    inner = sources.function_of(handler)
    module = sys.modules.get(getattr(inner, "__module__", "") or "")
    if module is None:
        return
    for name, requirement in _guarded_forms(module.__name__, len(vars(module))).get(id(inner), ()):
        why = f"`{name}` is the guarded form, and the route has the function without it"
        yield Guard(requirement, "endpoint", name, Fault(Flaw.NOT_APPLIED, why, f"Route `{name}` instead."))


@functools.lru_cache(maxsize=64)
def _guarded_forms(module_name: str, _size: int) -> dict[int, list[tuple[str, Requirement]]]:
    """By what each is a guarded form of; read anew when the module has got more names."""
    found: dict[int, list[tuple[str, Requirement]]] = {}
    for name, value in list(vars(sys.modules[module_name]).items()):
        requirement = sources.requirement_of(value)
        inner = sources.function_of(value) if requirement is not None else value
        if requirement is not None and inner is not value:
            found.setdefault(id(inner), []).append((name, requirement))
    return found


def unused(endpoints: Iterable[Endpoint], modules: Iterable[str] = ()) -> Iterator[Finding]:
    """Guards that were made in the modules of the handlers (and in `modules`), and are on no route."""
    endpoints = list(endpoints)
    requirements = [guard.requirement for endpoint in endpoints for guard in endpoint.guards]
    used = {id(part) for each in requirements if each is not None for part in parts_of(each)}
    seen: set[int] = set()
    for module in _modules(endpoints, modules):
        for name, value in list(vars(module).items()):
            requirement = _bare_guard(value)
            if requirement is None or id(requirement) in used | seen:
                continue
            seen.add(id(requirement))
            yield Finding(
                flaw=Flaw.UNUSED,
                methods=("guard",),
                path=f"{module.__name__}.{name}",
                message=f"`{name}` was made in {module.__name__}, and guards no route.",
                mend="Attach it to the route it was made for, or delete it.",
            )


def _bare_guard(value: Any) -> Requirement | None:
    """What `requires` returns before it is attached, in each adapter; a guarded handler is something else."""
    dependency = getattr(value, "dependency", None) if type(value).__module__ == "fastapi.params" else None
    candidate = value if dependency is None else dependency
    requirement = sources.requirement_of(candidate)
    if requirement is None or inspect.isclass(candidate) or hasattr(candidate, "__wrapped__"):
        return None
    if getattr(candidate, "__name__", "") in sources.REFUSES:
        return None
    made_by = str(getattr(candidate, "__module__", None) or type(candidate).__module__)
    return requirement if made_by.partition(".")[0] == "vestibule" else None


def _modules(endpoints: Iterable[Endpoint], modules: Iterable[str]) -> list[Any]:
    ours = ("vestibule", "starlette", "fastapi", "flask", "django", "litestar", "werkzeug", "")
    wanted = dict.fromkeys(_module_of(endpoint.handler) for endpoint in endpoints)
    return [
        sys.modules[name]
        for name in [*modules, *wanted]
        if name in sys.modules and name.partition(".")[0] not in ours
    ]


def _module_of(handler: str) -> str:
    """`shop.views` of `shop.views.Orders.get`."""
    name = handler
    while name and name not in sys.modules:
        name = name.rpartition(".")[0]
    return name
