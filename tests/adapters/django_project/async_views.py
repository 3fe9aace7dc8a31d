"""What the contract asks of an app, in functions that await."""

from collections.abc import AsyncIterator

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from tests.adapters.acts import act
from tests.adapters.starlette_app import EITHER
from vestibule.django import Request, requires


async def home(request: Request) -> HttpResponse:
    session = await request.auth.aload()
    return JsonResponse({"email": session and session.user.email})


async def public(request: Request) -> HttpResponse:
    return HttpResponse(
        "public",
        headers={"Cache-Control": "public, max-age=60", "Vary": "Accept", "Content-Type": "text/plain"},
    )


@requires()
async def me(request: Request) -> HttpResponse:
    session = request.auth.session  # the guard has loaded it
    assert session is not None
    return JsonResponse({"email": session.user.email, "organization_id": session.organization_id})


@requires(permission="invoices:read")
async def invoices(request: Request) -> HttpResponse:
    return HttpResponse("invoices")


@requires(permission="invoices:read", role=["admin", "owner"])
async def both(request: Request) -> HttpResponse:
    return HttpResponse("both")


@requires(EITHER)
async def either(request: Request) -> HttpResponse:
    return HttpResponse("either")


@requires(recent=600)
async def recent(request: Request) -> HttpResponse:
    return HttpResponse("recent")


@require_POST
async def note(request: Request) -> HttpResponse:
    return HttpResponse(request.body or b"noted")


async def boom(request: Request) -> HttpResponse:
    await request.auth.aload()
    raise RuntimeError("boom")


async def teapot(request: Request) -> HttpResponse:
    await request.auth.aload()
    return HttpResponse(status=418)


async def away(request: Request) -> HttpResponse:
    await request.auth.aload()
    return HttpResponseRedirect("/elsewhere")


async def stream(request: Request) -> StreamingHttpResponse:
    async def lines() -> AsyncIterator[str]:
        yield "started "
        session = await request.auth.aload()
        yield session.user.email if session else "nobody"

    return StreamingHttpResponse(lines())


@require_POST
async def switch(request: Request) -> HttpResponse:
    await request.auth.aload()
    session = await request.auth.arefresh(organization_id=request.GET["to"])
    return JsonResponse({"organization_id": session.organization_id})


@require_POST
async def leave(request: Request) -> HttpResponse:
    await request.auth.aload()
    return HttpResponseRedirect(request.auth.sign_out(return_to="/bye"))


@require_POST
async def leave_then_refresh(request: Request) -> HttpResponse:
    before = bool(await request.auth.aload())
    request.auth.sign_out()
    return JsonResponse({"before": before, "after": bool(await request.auth.aload())})


async def acting(request: Request) -> HttpResponse:
    return JsonResponse(await act(request.auth.awaited, request.GET))


async def greeting(request: Request) -> HttpResponse:
    return render(request, "greeting.html")
