"""The small app in Django, for both of its clients: `VIEWS` and `ASYNC_VIEWS` can be `ROOT_URLCONF`."""

from types import ModuleType
from typing import Any, cast

from tests.django_settings import set_up_django

set_up_django()

from django.http import HttpResponse, JsonResponse
from django.urls import include, path

from tests.testing.describing import described
from vestibule.django import Request, requires


@requires()
def me(request: Request) -> HttpResponse:
    session = request.auth.session
    assert session is not None
    return JsonResponse(described(session))


@requires(recent=600)
def recent(request: Request) -> HttpResponse:
    return HttpResponse("ok")


@requires()
async def async_me(request: Request) -> HttpResponse:
    session = await request.auth.aload()
    assert session is not None
    return JsonResponse(described(session))


@requires(recent=600)
async def async_recent(request: Request) -> HttpResponse:
    return HttpResponse("ok")


def _urls(name: str, me: Any, recent: Any) -> ModuleType:
    module: Any = ModuleType(name)
    module.urlpatterns = [
        path("me", me),
        path("recent", recent),
        path("auth/", include("vestibule.django")),
    ]
    return cast(ModuleType, module)


VIEWS, ASYNC_VIEWS = _urls("views", me, recent), _urls("async_views", async_me, async_recent)
