"""What is behind a URL pattern of Django: a function, a class, a view of Django REST framework, operations of
django-ninja. Neither of the two is imported: they are known by their shape."""

from collections.abc import Iterator
from typing import Any

from vestibule.audit import sources
from vestibule.audit.model import ANY, Endpoint, Fault, Flaw, Guard, Kind, Validated
from vestibule.audit.unapplied import not_applied
from vestibule.session.guards import All

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SAFE = ("GET", "HEAD", "OPTIONS")
STATIC = ("django.views.static", "django.contrib.staticfiles.views")
SIGN_IN = "django.contrib.auth.views"
OF_METHODS = "django/views/decorators/http.py"
OF_USERS = ("django/contrib/auth/decorators.py", "django/contrib/admin/views/decorators.py")
PUBLIC = "vestibule_public"


def endpoints_of(callback: Any) -> Iterator[Endpoint]:
    """Paths are added by whoever knows them."""
    operations = _operations(callback)
    if operations is not None:
        yield from _ninja(operations, callback)
        return
    view = view_class_of(callback)
    if view is not None:
        yield from _by_class(view, callback)
        return
    yield Endpoint(
        methods=_accepted(callback),
        path="",
        handler=sources.name_of(callback),
        source=sources.location(callback),
        kind=_kind(callback),
        guards=(*_around(callback), *not_applied(callback)),
        validated=Validated.YES if sources.validates(callback) else Validated.UNKNOWN,
        public=_public(callback),
    )


def view_class_of(callback: Any) -> Any:
    for layer in sources.chain(callback):
        found = getattr(layer, "view_class", None) or getattr(layer, "cls", None)
        if isinstance(found, type):
            return found
    return None


def _around(callback: Any) -> Iterator[Guard]:
    """Our guards around a view, and Django's."""
    yield from sources.guards_on(callback, "view")
    for layer in sources.chain(callback):
        file = getattr(getattr(layer, "__code__", None), "co_filename", "")
        if file.endswith(OF_USERS):
            yield Guard(None, "view", "a Django user who passes its test")


def _by_class(view: Any, callback: Any) -> Iterator[Endpoint]:
    outer = (*_around(callback), *_of_class(view))
    groups: dict[tuple[bool, tuple[Guard, ...]], list[str]] = {}
    handlers: dict[str, Any] = {}
    for method, handler in _handlers(view, callback):
        handlers[method] = handler
        inner = (*sources.guards_on(handler, "method"), *_of_rest(view, callback, method))
        is_automatic = method == "OPTIONS" and _is_djangos(handler)
        groups.setdefault((is_automatic, inner), []).append(method)
    for (is_automatic, inner), methods in groups.items():
        yield Endpoint(
            methods=tuple(methods),
            path="",
            handler=sources.name_of(view),
            source=sources.location(handlers[methods[0]]),
            kind=Kind.AUTOMATIC if is_automatic else _kind(view),
            guards=_distinct((*outer, *inner)),
            validated=Validated.YES if _has_schema(view) else Validated.UNKNOWN,
            public=_public(callback),
        )


def _handlers(view: Any, callback: Any) -> Iterator[tuple[str, Any]]:
    """What answers each method; HEAD is answered by GET."""
    actions = getattr(callback, "actions", None)  # of a ViewSet: {"get": "list"}
    for method in METHODS:
        names = actions if actions and method != "OPTIONS" else {}
        name = names.get(method.lower(), method.lower() if not actions or method == "OPTIONS" else "")
        handler = getattr(view, name, None) if name else None
        if handler is None and method == "HEAD":
            handler = getattr(view, names.get("get", "get"), None)
        if handler is not None and method.lower() in view.http_method_names:
            yield method, handler


def _of_class(view: Any) -> Iterator[Guard]:
    yield from sources.guards_on(view.dispatch, "class")
    requirement = sources.requirement_of(view)
    if requirement is not None:
        yield Guard(requirement, "class", fault=_too_far_right(view))
    mixins = [each for each in view.__mro__ if each.__module__ == "django.contrib.auth.mixins"]
    if mixins:
        yield Guard(None, "class", f"Django's {mixins[0].__name__}")


def _too_far_right(view: Any) -> Fault | None:
    """A mixin that Python asks only after Django's `View`, which asks nobody further."""
    names = [f"{each.__module__}.{each.__qualname__}" for each in view.__mro__]
    mixin, base = "vestibule.django.guards.RequiresMixin", "django.views.generic.base.View"
    if mixin not in names or base not in names or names.index(mixin) < names.index(base):
        return None
    why = "`RequiresMixin` stands right of the view, whose `dispatch` is the one that runs"
    return Fault(Flaw.NOT_APPLIED, why, f"Write `class {view.__name__}(RequiresMixin, …)`.")


def _of_rest(view: Any, callback: Any, method: str) -> Iterator[Guard]:
    """Permission classes of Django REST framework, those of an action before those of the class."""
    given = getattr(callback, "initkwargs", {})
    for each in given.get("permission_classes", getattr(view, "permission_classes", ())):
        requirement = sources.requirement_of(each)
        name = getattr(each, "__name__", type(each).__name__)
        if requirement is not None:
            yield Guard(requirement, "permission_classes")
        elif name == "IsAuthenticated":
            yield Guard(All(), "permission_classes")
        elif name != "AllowAny" and not (name.endswith("OrReadOnly") and method in SAFE):
            yield Guard(None, "permission_classes", name)


def _operations(callback: Any) -> list[Any] | None:
    """Of django-ninja: what answers is a function that closes over them, in older releases their method."""
    for layer in sources.chain(callback):
        for value in (getattr(layer, "__self__", None), *sources.closed_over(layer)):
            found = getattr(value, "operations", None)
            if isinstance(found, list) and type(value).__module__.startswith("ninja."):
                return found
    return None


def _ninja(operations: list[Any], callback: Any) -> Iterator[Endpoint]:
    outer = tuple(_around(callback))
    for operation in operations:
        handler = operation.view_func
        yield Endpoint(
            methods=tuple(sorted(operation.methods, key=METHODS.index)),
            path="",
            handler=sources.name_of(handler),
            source=sources.location(handler),
            guards=(
                *outer,
                *sources.guards_on(handler, "operation"),
                *_auth(operation),
                *not_applied(handler),
            ),
            validated=Validated.YES if operation.models else Validated.NO_INPUT,
        )


def _auth(operation: Any) -> Iterator[Guard]:
    """Any one of several is enough, so they are one guard."""
    found = list(operation.auth_callbacks)
    if len(found) == 1 and sources.ours(type(found[0])):
        yield Guard(sources.requirement_of(found[0]) or All(), "auth")
    elif found:
        names = [getattr(each, "__name__", type(each).__name__) for each in found]
        yield Guard(None, "auth", " or ".join(names))


def _accepted(callback: Any) -> tuple[str, ...]:
    """What `require_http_methods` lets through; a view without it takes any method."""
    for layer in sources.chain(callback):
        code = getattr(layer, "__code__", None)
        if code is not None and code.co_filename.endswith(OF_METHODS):
            cells = dict(zip(code.co_freevars, sources.closed_over(layer), strict=False))
            methods = cells.get("request_method_list")
            if isinstance(methods, list | tuple):
                return tuple(sorted(methods, key=_order))
    return (ANY,)


def _order(method: str) -> int:
    return METHODS.index(method) if method in METHODS else len(METHODS)


def _kind(target: Any) -> Kind:
    module = getattr(sources.function_of(target), "__module__", "")
    if module in STATIC:
        return Kind.STATIC
    if module == SIGN_IN:
        return Kind.SIGN_IN
    return Kind.DOCS if module == "ninja.openapi.views" else Kind.APP


def _public(callback: Any) -> str:
    return "@public" if any(getattr(layer, PUBLIC, False) for layer in sources.chain(callback)) else ""


def _is_djangos(handler: Any) -> bool:
    """It only says which methods there are. Django REST framework's says more, and asks for permission."""
    return str(getattr(sources.function_of(handler), "__module__", "")).startswith("django.")


def _has_schema(view: Any) -> bool:
    return any(getattr(view, name, None) is not None for name in ("serializer_class", "form_class"))


def _distinct(guards: tuple[Guard, ...]) -> tuple[Guard, ...]:
    """`as_view` copies the mark of `dispatch` to the view: the same requirement once."""
    found: list[Guard] = []
    for guard in guards:
        if not any(guard.requirement is not None and guard.requirement is each.requirement for each in found):
            found.append(guard)
    return tuple(found)
