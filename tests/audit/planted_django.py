"""Seven mistakes in Django, with its classes, Django REST framework and django-ninja."""

from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test.utils import override_settings
from django.urls import include, path
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.http import require_GET, require_http_methods
from ninja import NinjaAPI
from rest_framework.response import Response as RestResponse
from rest_framework.views import APIView
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.audit import unattached_django
from tests.audit.planted import Found, Planted
from vestibule.audit import Report, audit
from vestibule.django import Auth, RequiresMixin, public, requires
from vestibule.django.ninja import session_auth
from vestibule.django.rest import Requires
from vestibule.testing.issuer import create_config

OURS = ["vestibule.django.AuthMiddleware"]


@dataclass(frozen=True)
class Project(Planted):
    """With the settings that are in force while it is looked at."""

    settings: dict[str, Any] = field(default_factory=dict)

    def audit(self) -> Report:
        with override_settings(**self.settings):
            return audit(self.app() if isinstance(self.app, type) else self.app)


def project(
    *patterns: Any, found: Found, app: Any = WSGIHandler, middleware: Any = OURS, **settings: Any
) -> Project:
    urls = ModuleType("tests.audit.planted_urls")
    urls.urlpatterns = [path("invoices/", invoices), *patterns]  # type: ignore[attr-defined]
    auth = Auth(create_config(**settings))
    return Project(app, found, {"ROOT_URLCONF": urls, "MIDDLEWARE": middleware, "VESTIBULE": auth})


@requires(permission="invoices:read")
def invoices(request: HttpRequest) -> HttpResponse:
    return HttpResponse("invoices")


def report(request: HttpRequest, **values: str) -> HttpResponse:
    return HttpResponse("report")


async def async_report(request: HttpRequest) -> HttpResponse:
    return HttpResponse("report")


def salaries(request: HttpRequest) -> HttpResponse:
    return HttpResponse("salaries")


guarded_salaries = requires(role="admin")(salaries)


class Reports(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("reports")


class Mine(RequiresMixin, Reports):
    pass


class Orders(View):
    @method_decorator(requires(permission="orders:read"))
    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("orders")

    def post(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("ordered")


@method_decorator(requires(role="admin"), name="dispatch")
class AllOrders(Orders):
    pass


def unguarded() -> list[Planted]:
    open_views = [path("report/", require_GET(report)), path("reports/", Reports.as_view())]
    guarded = [
        path("mine/", Mine.as_view()),
        path("async/", requires()(async_report)),
        path("theirs/", login_required(report)),
        path("admin/", admin.site.urls),
        path("decided/", public(lambda request: HttpResponse("for all"))),
    ]
    return [
        project(*open_views, found={("unguarded", "GET /report/"), ("unguarded", "GET /reports/")}),
        project(*guarded, found=set()),
    ]


def above_the_route() -> list[Planted]:
    """A URLconf has no decorators, but it may have got the bare view; django-ninja has them."""
    api = NinjaAPI(urls_namespace="above", docs_url=None, openapi_url=None)

    @requires(role="admin")
    @api.get("/above")
    def above(request: HttpRequest) -> str:
        return "above"

    @api.get("/below")
    @requires(role="admin")
    def below(request: HttpRequest) -> str:
        return "below"

    found = {("guard_not_applied", "* /salaries/"), ("guard_not_applied", "GET /api/above")}
    return [project(path("salaries/", salaries), path("api/", api.urls), found=found)]


def sub_app() -> list[Planted]:
    """What is mounted below a Django project is another URLconf; it may itself be mounted in an ASGI app."""
    inside = project(
        path("api/", include([path("report/", report)])), found={("unguarded", "* /api/report/")}
    )
    outer = Starlette(routes=[Mount("/site", app=ASGIHandler())])
    below = project(path("report/", report), app=outer, found={("unguarded", "* /site/report/")})
    return [inside, below]


def websocket() -> list[Planted]:
    """Django has none: what answers them stands in front of it in asgi.py, and nobody can see inside."""
    django = ASGIHandler()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
        else:
            await django(scope, receive, send)

    return [project(app=application, found={("cannot_see", "WEBSOCKET /{path}")})]


class Api(APIView):
    permission_classes: Any = []  # noqa: RUF012 - as the framework has it

    def get(self, request: Any) -> RestResponse:
        return RestResponse("data")


class Allowed(Api):
    permission_classes: Any = [Requires(permission="reports:read")]  # noqa: RUF012


def router_level() -> list[Planted]:
    group = include([path("report/", report), path("more/", include([path("reports/", Reports.as_view())]))])
    api = NinjaAPI(urls_namespace="router_level", docs_url=None, openapi_url=None)
    api.get("/report")(report)
    with_auth = NinjaAPI(urls_namespace="with_auth", auth=session_auth, docs_url=None, openapi_url=None)
    with_auth.get("/report")(report)
    with_auth.get("/open", auth=None)(report)
    views = [path("allowed/", Allowed.as_view()), path("open/", Api.as_view())]
    return [
        project(path("api/", with_auth.urls), found={("unguarded", "GET /api/open")}),
        project(*views, found={("unguarded", "GET /open/"), ("unguarded", "OPTIONS /open/")}),
        project(path("group/", requires(role="admin")(group)), found=set()),
        project(requires(role="admin")(path("group/", group)), found=set()),
        project(path("api/", requires()(api.urls)), found=set()),
    ]


class Asked(View):
    @method_decorator(requires())
    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("asked")

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponse("anything")


def other_methods() -> list[Planted]:
    below = require_http_methods(["GET", "POST"])(requires()(report))
    found = {("method_unguarded", "POST /orders/"), ("method_unguarded", "OPTIONS /asked/")}
    return [
        project(path("orders/", Orders.as_view()), path("asked/", Asked.as_view()), found=found),
        project(path("orders/", AllOrders.as_view()), path("report/", below), found=set()),
    ]


class Wrong(RequiresMixin, Reports):
    """Python asks `View.dispatch` first, and that asks nobody further."""


Wrong.__bases__ = (Reports, RequiresMixin)  # written so, the mixin itself refuses it


def not_holding() -> list[Planted]:
    shadowed = [path("users/<str:name>/", report), path("users/admin/", requires(role="admin")(report))]
    harmless = [path("users/<int:id>/", requires()(report)), path("users/admin/", requires()(report))]
    opened = [path("api/report/", report), path("about/", report), path("home/", report)]
    unattached = project(found={("guard_unused", f"guard {unattached_django.__name__}.for_admins")})
    unattached.settings["ROOT_URLCONF"] = unattached_django.__name__
    return [
        project(path("wrong/", Wrong.as_view()), found={("guard_not_applied", "GET /wrong/")}),
        project(*shadowed, found={("unguarded", "* /users/{name}/"), ("shadowed", "* /users/admin/")}),
        project(*harmless, found=set()),
        unattached,
        project(
            *opened,
            protect=True,
            public_paths=("/api/:path*", "/about"),
            found={("opened_by_pattern", "* /api/report/")},
        ),
        project(middleware=[], found={("not_installed", "* /invoices/")}),
    ]
