"""The data behind the pages. It trusts none of them: every view is guarded here."""

import json

import httpx2
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path
from django.views.decorators.http import require_http_methods, require_safe

from vestibule.django import Request, get_auth, requires
from vestibule.session.model import Session

REPORTS = {1: "Difference engine, third quarter", 2: "Jacquard cards, wear and tear", 3: "Bernoulli numbers"}
ONE_MINUTE = 60
LONGEST_NAME = 80


def who(request: Request) -> Session:
    session = request.auth.session
    assert session is not None, "the guard is around all of `api`"  # noqa: S101
    return session


@require_safe
def me(request: Request) -> HttpResponse:
    session = who(request)
    impersonator = session.impersonator and session.impersonator.email
    shown = {
        "email": session.user.email,
        "organization": session.organization_id,
        "impersonator": impersonator,
    }
    return JsonResponse(shown)


@require_safe
@requires(permission="reports:read")
def reports(request: HttpRequest) -> HttpResponse:
    return JsonResponse([{"id": number, "title": title} for number, title in REPORTS.items()], safe=False)


@require_http_methods(["DELETE"])
@requires(permission="reports:delete", recent=ONE_MINUTE)
def report(request: HttpRequest, number: int) -> HttpResponse:
    REPORTS.pop(number, None)
    return JsonResponse({"deleted": number})


@require_http_methods(["GET", "POST"])
def organizations(request: Request) -> HttpResponse:
    return create_organization(request) if request.method == "POST" else list_organizations(request)


def list_organizations(request: Request) -> HttpResponse:
    """The server knows them all; the token names only the one somebody is in now."""
    query = {"user_id": who(request).user.id, "statuses": "active", "limit": "100"}
    with server() as api:
        found = api.get("/user_management/organization_memberships", params=query).json()["data"]
    shown = [
        {"id": row["organization_id"], "name": row["organization_name"], "role": row["role"]["slug"]}
        for row in found
    ]
    return JsonResponse(shown, safe=False)


def create_organization(request: Request) -> HttpResponse:
    """Whoever makes one leads it."""
    name = str(json.loads(request.body)["name"]).strip()[:LONGEST_NAME]
    if not name:
        problem = {"code": "name_required", "message": "Give the organization a name."}
        return JsonResponse({"error": problem}, status=422)
    with server() as api:
        made = api.post("/organizations", json={"name": name}).json()["id"]
        member = {"user_id": who(request).user.id, "organization_id": made, "role_slug": "admin"}
        api.post("/user_management/organization_memberships", json=member).raise_for_status()
    return JsonResponse({"id": made}, status=201)


def server() -> httpx2.Client:
    """The identity server's own API, with the app's key."""
    config = get_auth().config
    return httpx2.Client(base_url=config.url, headers={"Authorization": f"Bearer {config.api_key}"})


views = [
    path("me", me),
    path("reports", reports),
    path("reports/<int:number>", report),
    path("organizations", organizations),
]
urlpatterns = [path("api/", requires()(include(views)))]
