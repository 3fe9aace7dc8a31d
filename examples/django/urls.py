"""A page for everyone, one for people who are signed in, and an API that answers no stranger."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import include, path

from vestibule.django import Request, requires


def home(request: Request) -> HttpResponse:
    return render(request, "home.html", {"session": request.auth.session})


@requires()
def account(request: Request) -> HttpResponse:
    return render(request, "account.html", {"session": request.auth.session})


def me(request: Request) -> JsonResponse:
    session = request.auth.session  # somebody's: the guard is around all of `api`
    return JsonResponse({"email": session and session.user.email})


@requires(permission="reports:read")
def reports(request: Request) -> JsonResponse:
    return JsonResponse(["March", "April"], safe=False)


urlpatterns = [
    path("", home),
    path("account", account),
    path("api/", requires()(include([path("me", me), path("reports", reports)]))),
    path("auth/", include("vestibule.django")),
]
