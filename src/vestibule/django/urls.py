"""`path("auth/", include("vestibule.django"))`: names for our routes. The middleware answers them."""

from typing import NoReturn

from django.http import Http404, HttpRequest
from django.urls import path

from vestibule.django.requests import entry_of
from vestibule.session.own_paths import PATHS

app_name = "vestibule"


def unanswered(request: HttpRequest) -> NoReturn:
    """Reached only when the middleware is missing, or looks elsewhere for our routes."""
    prefix = entry_of(request).core.config.prefix
    raise Http404(f'Our routes are below {prefix}: write `path("{prefix[1:]}/", include(…))`.')


urlpatterns = [path(route, unanswered, name=route) for route in PATHS.values()]
