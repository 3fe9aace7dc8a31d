"""`requires` on views, view classes and groups of URLs."""

import functools
import inspect
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, ClassVar, TypeAlias, TypeVar, Unpack, cast

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver
from django.views import View

from vestibule.django.requests import PUBLIC, entry_of
from vestibule.django.responses import response_of
from vestibule.errors import ConfigError
from vestibule.session.guards import Requirement, Wanted, mark, requirement

T = TypeVar("T")
URLs: TypeAlias = URLPattern | URLResolver


def requires(*requirements: Requirement, **wanted: Unpack[Wanted]) -> Callable[[T], T]:
    """Guards a view (blocking or async), a view class, a method of one, and what `include()` returns.
    Bare: signed in."""
    if any(not isinstance(each, Requirement) for each in requirements):
        raise ConfigError("`requires` takes requirements. Above a view, write `@requires()`.")
    needed = requirement(*requirements, **wanted)

    def guarded(target: T) -> T:
        return cast(T, _guarded(target, needed))

    return mark(guarded, needed)


def public(view: T) -> T:
    """Opens a view to everybody where the app is protected as a whole (`protect`); Django's own
    `LoginRequiredMiddleware` leaves it alone as well."""
    if inspect.isclass(view) and hasattr(view, "dispatch"):
        view.dispatch = _opened(_passing(view.dispatch))  # `as_view` gives the view this mark
    elif callable(view):
        _opened(view)
    else:
        raise ConfigError(f"`public` opens views, and {view!r} is none.")
    return view


class RequiresMixin:
    """For view classes, left of the view: `requirement = requirement(permission="invoices:read")`."""

    requirement: ClassVar[Requirement | None] = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        forward = functools.partial(super().dispatch, request, *args, **kwargs)  # type: ignore[misc]
        return _dispatched(self, request, self.requirement or requirement(), forward)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if View in cls.__mro__[: cls.__mro__.index(RequiresMixin)]:
            raise ConfigError(
                f"RequiresMixin is right of the view in {cls.__name__}, so nothing guards it. Put it left.",
                code="guard_not_applied",
            )
        mark(cls, cls.requirement or requirement())


def _guarded(target: Any, wanted: Requirement) -> object:
    if isinstance(target, URLPattern | URLResolver):
        return _guarded_urls(target, wanted)
    if isinstance(target, tuple):  # what `include()` returns, or the `urls` of an admin site
        urls, *names = target
        return (_guarded_list(cast(Any, getattr(urls, "urlpatterns", urls)), wanted), *names)
    if isinstance(target, list):
        return _guarded_list(target, wanted)
    if inspect.isclass(target) and hasattr(target, "as_view") and hasattr(target, "dispatch"):
        return _guarded_class(target, wanted)
    if inspect.isclass(target) or not callable(target):
        raise ConfigError(f"`requires` guards views and what `include()` returns; {target!r} is neither.")
    return _guarded_view(target, wanted)


def _guarded_list(urls: Iterable[URLs], wanted: Requirement) -> list[URLs]:
    return [_guarded_urls(each, wanted) for each in urls]


def _guarded_urls(target: URLs, wanted: Requirement) -> URLs:
    if isinstance(target, URLPattern):
        view = _guarded_view(target.callback, wanted)
        return URLPattern(target.pattern, view, target.default_args, target.name)
    return URLResolver(
        target.pattern,
        _guarded_list(target.url_patterns, wanted),
        target.default_kwargs,
        target.app_name,
        target.namespace,
    )


def _guarded_view(view: Callable[..., Any], wanted: Requirement) -> Callable[..., Any]:
    if iscoroutinefunction(view):

        @functools.wraps(view)
        async def awaiting(*args: Any, **kwargs: Any) -> Any:
            reply = await entry_of(_request(view, args, kwargs)).aguard(wanted)
            return await view(*args, **kwargs) if reply is None else response_of(reply)

        return mark(awaiting, wanted)

    @functools.wraps(view)
    def waiting(*args: Any, **kwargs: Any) -> Any:
        reply = entry_of(_request(view, args, kwargs)).guard(wanted)
        return view(*args, **kwargs) if reply is None else response_of(reply)

    return mark(waiting, wanted)


def _guarded_class(view: Any, wanted: Requirement) -> object:
    dispatch = view.dispatch

    @functools.wraps(dispatch)
    def guarded(self: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return _dispatched(self, request, wanted, functools.partial(dispatch, self, request, *args, **kwargs))

    view.dispatch = mark(guarded, wanted)  # `as_view` gives the view this mark
    return mark(view, wanted)


def _dispatched(view: Any, request: HttpRequest, wanted: Requirement, forward: Callable[[], Any]) -> Any:
    if getattr(view, "view_is_async", False):
        return _dispatched_async(request, wanted, forward)
    reply = entry_of(request).guard(wanted)
    return forward() if reply is None else response_of(reply)


async def _dispatched_async(
    request: HttpRequest, wanted: Requirement, forward: Callable[[], Awaitable[Any]]
) -> Any:
    reply = await entry_of(request).aguard(wanted)
    return await forward() if reply is None else response_of(reply)


def _request(view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> HttpRequest:
    """The first of a view's arguments, the second of a method's; the framework for REST has its own kind."""
    for value in (*args, *kwargs.values()):
        inner = getattr(value, "_request", value)
        if isinstance(inner, HttpRequest):
            return inner
    name = getattr(view, "__name__", repr(view))
    raise ConfigError(f"`requires` guards views, and {name} was called without a request.")


def _opened(view: Any) -> Any:
    setattr(view, PUBLIC, True)
    view.login_required = False
    return view


def _passing(dispatch: Callable[..., Any]) -> Callable[..., Any]:
    """A function of its own: a mark on Django's would be one on all views."""

    @functools.wraps(dispatch)
    def passing(self: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return dispatch(self, request, *args, **kwargs)

    return passing
