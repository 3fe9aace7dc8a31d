"""The app in Django, in both of its modes. Its settings are the process's, so the last one built is the one
that answers."""

from typing import Any

from tests.django_settings import set_up_django

set_up_django()

from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path

from vestibule.django import Auth, requires


def build(mine: dict[str, Any]) -> tuple[Any, Auth]:
    return WSGIHandler(), _install(mine, home, requires()(me))


def build_async(mine: dict[str, Any]) -> tuple[Any, Auth]:
    return WithoutLifespan(ASGIHandler()), _install(mine, home, requires()(me_async))


class WithoutLifespan:
    """Servers take it that Django knows none; test clients do not."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        for moment in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{moment}.complete"})


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("home")


def me(request: Any) -> JsonResponse:
    return JsonResponse(_shown(request.auth.session))


async def me_async(request: Any) -> JsonResponse:
    return JsonResponse(_shown(await request.auth.aload()))


def _shown(session: Any) -> dict[str, Any]:
    return {"email": session.user.email, "organization": session.organization_id, "session": session.id}


def _install(mine: dict[str, Any], home_view: Any, me_view: Any) -> Auth:
    patterns = [path("", home_view), path("me", me_view), path("auth/", include("vestibule.django"))]
    settings.ROOT_URLCONF = type("URLs", (), {"urlpatterns": patterns})
    settings.VESTIBULE = auth = Auth.embedded(**mine)
    return auth
