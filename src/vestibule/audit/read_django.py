"""What a Django project answers: its URLconf, its views, and what is in front of them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any

import django
from django.conf import Settings, settings
from django.contrib.admindocs import utils as patterns
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver
from django.utils.module_loading import import_string

from vestibule.audit import sources
from vestibule.audit.model import Endpoint, Guard, Kind, Surface
from vestibule.audit.read_django_views import endpoints_of
from vestibule.django import Auth, AuthMiddleware, get_auth
from vestibule.errors import ConfigError

PARAMETER = re.compile(r"<(?:(?P<converter>\w+):)?(?P<name>\w+)>")
SAMPLES = {"int": "1", "uuid": "00000000-0000-4000-8000-000000000000"}
LOGIN_REQUIRED = "django.contrib.auth.middleware.LoginRequiredMiddleware"
ADMIN_VIEW = "django/contrib/admin/sites.py"
STAFF = Guard(None, "admin", "a member of the staff (Django's admin)")


class DjangoReader:
    """`read` takes a settings module, or the handler that a server runs."""

    def __init__(self) -> None:
        self.surface = Surface("django")
        self._auth: Auth | None = None
        self._resolver: Any = None

    def read(self, target: Any) -> Surface:
        set_up(target)
        self.surface.is_asgi = isinstance(target, ASGIHandler)
        if _has_ours():
            self._auth = self.surface.installation = get_auth()
            self._auth.find_prefix()
        try:
            self._resolver = get_resolver()
            read = list(self._walk(self._resolver, "", ()))
        except ImproperlyConfigured as error:
            raise ConfigError(f"The URLconf cannot be read: {error}") from None
        for route, callback, endpoint in read:
            picked = self._picked_instead(route, callback)
            taken_by = next((each for other, view, each in read if (other, view) == picked), None)
            self.surface.endpoints.append(replace(endpoint, taken_by=taken_by))
        self.surface.serve = target if isinstance(target, ASGIHandler | WSGIHandler) else WSGIHandler()
        self.surface.host = _host()
        return self.surface

    def _walk(
        self, resolver: URLResolver, route: str, apps: tuple[str, ...]
    ) -> Iterator[tuple[str, Any, Endpoint]]:
        for each in resolver.url_patterns:
            below = route + str(each.pattern)
            if isinstance(each, URLResolver):
                yield from self._walk(each, below, (*apps, each.app_name or ""))
            elif not _is_ours(each):
                for endpoint in self._endpoints(each, below, apps):
                    yield below, each.callback, endpoint

    def _endpoints(self, pattern: URLPattern, route: str, apps: tuple[str, ...]) -> Iterator[Endpoint]:
        for endpoint in endpoints_of(pattern.callback):
            guards, kind = endpoint.guards, endpoint.kind
            if apps[-1:] == ("admin",) and pattern.name in ("login", "jsi18n"):
                kind = Kind.SIGN_IN
            elif "admin" in apps and _is_admins(pattern.callback):
                guards = (*guards, STAFF)
            elif LOGIN_REQUIRED in settings.MIDDLEWARE and _needs_login(pattern.callback):
                guards = (*guards, Guard(None, "middleware", "a Django user"))
            yield replace(
                endpoint,
                path=shown(route),
                probe=sample(route, "1"),
                guards=guards,
                kind=kind,
                auth=self._auth,
            )

    def _picked_instead(self, route: str, callback: Any) -> tuple[str, Any] | None:
        """What Django answers this pattern's addresses with, when it is another pattern."""
        if is_regular_expression(route):
            return None
        try:
            match = self._resolver.resolve(sample(route))
        except Resolver404:
            return None
        return None if match.route == route and match.func == callback else (match.route, match.func)


def set_up(target: Any) -> None:
    """Reads the settings module that was named, unless the process has settings already."""
    if isinstance(target, ModuleType) and not settings.configured:
        settings.configure(default_settings=Settings(target.__name__))
    try:
        django.setup()
    except ImproperlyConfigured as error:
        raise ConfigError(f"Django's settings cannot be read: {error}") from None


def _has_ours() -> bool:
    for name in settings.MIDDLEWARE:
        found = import_string(name)
        if isinstance(found, type) and issubclass(found, AuthMiddleware):
            return True
    return False


def _host() -> str:
    """A host that the project accepts."""
    named = [host.lstrip(".") for host in settings.ALLOWED_HOSTS if host != "*"]
    return named[0] if named and "localhost" not in named else "localhost"


def _is_ours(pattern: URLPattern) -> bool:
    """The names of our own routes, which the middleware answers."""
    return getattr(pattern.callback, "__module__", "") == "vestibule.django.urls"


def _is_admins(callback: Any) -> bool:
    """Wrapped by the admin, which asks for staff; a view that a ModelAdmin adds may not be. `admin_view`
    leaves no mark but its own code, somewhere below the decorators."""
    if hasattr(callback, "admin_site") or hasattr(callback, "model_admin"):
        return True
    waiting = [callback]
    for _ in range(20):
        if not waiting:
            break
        function = waiting.pop(0)
        code = getattr(function, "__code__", None)
        if code is not None and code.co_name == "inner" and code.co_filename.endswith(ADMIN_VIEW):
            return True
        waiting += [each for each in sources.closed_over(function) if callable(each)]
    return False


def _needs_login(callback: Any) -> bool:
    return bool(getattr(callback, "login_required", True))


def is_regular_expression(route: str) -> bool:
    return any(sign in route for sign in "^$(\\")


def shown(route: str) -> str:
    """`users/<int:id>/` as `/users/{id}/`, and what it can of a regular expression."""
    if is_regular_expression(route):
        named = patterns.replace_unnamed_groups(patterns.replace_named_groups(route))
        route = patterns.replace_metacharacters(patterns.remove_non_capturing_groups(named))
    return "/" + PARAMETER.sub(r"{\g<name>}", route.replace("\\", "")).lstrip("/")


def sample(route: str, text: str = "a1b2") -> str:
    """An address that the pattern matches; of a regular expression something like it."""
    if is_regular_expression(route):
        return re.sub(r"{\w+}", "1", shown(route))
    return "/" + PARAMETER.sub(lambda found: SAMPLES.get(found["converter"] or "", text), route).lstrip("/")
