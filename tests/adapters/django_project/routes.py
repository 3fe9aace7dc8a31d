"""The contract's paths, over the one kind of views or the other."""

from typing import Any

from django.urls import URLPattern, URLResolver, include, path

from vestibule.django import requires

NAMES = ("me", "invoices", "both", "either", "recent", "note", "boom", "teapot", "away", "stream")


def patterns(views: Any) -> list[URLPattern | URLResolver]:
    group = include([path("x", views.public)])
    return [
        path("", views.home),
        path("public", views.public),
        *(path(name, getattr(views, name)) for name in NAMES),
        path("switch", views.switch),
        path("leave", views.leave),
        path("leave-then-refresh", views.leave_then_refresh),
        path("act", views.acting),
        path("greeting", views.greeting),
        path("shop/x", views.public),
        path("group/", requires(role="admin")(group)),
        path("auth/", include("vestibule.django")),
    ]
