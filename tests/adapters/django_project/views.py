"""What the contract asks of an app, in functions that wait."""

from collections.abc import Iterator

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from tests.adapters.acts import act_blocking
from tests.adapters.starlette_app import EITHER
from vestibule.django import Request, requires


def home(request: Request) -> HttpResponse:
    session = request.auth.session
    return JsonResponse({"email": session and session.user.email})


def public(request: Request) -> HttpResponse:
    return HttpResponse(
        "public",
        headers={"Cache-Control": "public, max-age=60", "Vary": "Accept", "Content-Type": "text/plain"},
    )


@requires()
def me(request: Request) -> HttpResponse:
    session = request.auth.session
    assert session is not None
    return JsonResponse({"email": session.user.email, "organization_id": session.organization_id})


@requires(permission="invoices:read")
def invoices(request: Request) -> HttpResponse:
    return HttpResponse("invoices")


@requires(permission="invoices:read", role=["admin", "owner"])
def both(request: Request) -> HttpResponse:
    return HttpResponse("both")


@requires(EITHER)
def either(request: Request) -> HttpResponse:
    return HttpResponse("either")


@requires(recent=600)
def recent(request: Request) -> HttpResponse:
    return HttpResponse("recent")


@require_POST
def note(request: Request) -> HttpResponse:
    return HttpResponse(request.body or b"noted")


def boom(request: Request) -> HttpResponse:
    _ = request.auth.session
    raise RuntimeError("boom")


def teapot(request: Request) -> HttpResponse:
    _ = request.auth.session
    return HttpResponse(status=418)


def away(request: Request) -> HttpResponse:
    _ = request.auth.session
    return HttpResponseRedirect("/elsewhere")


def stream(request: Request) -> StreamingHttpResponse:
    def lines() -> Iterator[str]:
        yield "started "
        session = request.auth.session
        yield session.user.email if session else "nobody"

    return StreamingHttpResponse(lines())


@require_POST
def switch(request: Request) -> HttpResponse:
    _ = request.auth.session
    session = request.auth.refresh(organization_id=request.GET["to"])
    return JsonResponse({"organization_id": session.organization_id})


@require_POST
def leave(request: Request) -> HttpResponse:
    _ = request.auth.session
    return HttpResponseRedirect(request.auth.sign_out(return_to="/bye"))


@require_POST
def leave_then_refresh(request: Request) -> HttpResponse:
    before = bool(request.auth.session)
    request.auth.sign_out()
    return JsonResponse({"before": before, "after": bool(request.auth.session)})


def acting(request: Request) -> HttpResponse:
    return JsonResponse(act_blocking(request.auth, request.GET))


def greeting(request: Request) -> HttpResponse:
    return render(request, "greeting.html")
