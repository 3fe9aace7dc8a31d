"""Django REST framework and django-ninja: the session as their authentication."""

from tests.adapters.django_app import MODES, rig_of  # sets Django up, which the imports below need

# isort: split
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.http import HttpRequest
from django.test.utils import override_settings
from django.urls import path
from ninja import NinjaAPI
from rest_framework.decorators import api_view, authentication_classes, permission_classes
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tests.adapters.rigs import Rig
from vestibule.django import requires
from vestibule.django.ninja import session_auth
from vestibule.django.rest import Requires, SessionAuthentication
from vestibule.testing import sign_in


class Me(APIView):
    authentication_classes = [SessionAuthentication]  # noqa: RUF012 - the framework's own spelling
    permission_classes = [IsAuthenticated]  # noqa: RUF012

    def get(self, request: Request) -> Response:
        return Response({"email": str(request.user), "session": request.auth.session.user.email})

    def post(self, request: Request) -> Response:
        return Response({"sent": request.data})


class Invoices(APIView):
    authentication_classes = [SessionAuthentication]  # noqa: RUF012
    permission_classes = [Requires(permission="invoices:read", recent=600)]  # noqa: RUF012

    def get(self, request: Request) -> Response:
        return Response("invoices")


@api_view(["GET"])
@authentication_classes([SessionAuthentication])
@permission_classes([Requires()])
def function(request: Request) -> Response:
    return Response("function")


@requires(role="admin")
@api_view(["GET"])
def guarded_outside(request: Request) -> Response:
    return Response("guarded")


@api_view(["GET"])
@requires(role="admin")
def guarded_inside(request: Request) -> Response:
    return Response("guarded")


def rest(**hooks: Any) -> Rig:
    return rig_of(
        path("api/me", Me.as_view()),
        path("api/invoices", Invoices.as_view()),
        path("api/function", function),
        path("api/outside", guarded_outside),
        path("api/inside", guarded_inside),
        **hooks,
    )


def ninja(mode: str) -> Rig:
    api = NinjaAPI(auth=session_auth, urls_namespace=secrets.token_hex(8))

    @api.get("/me")
    def me(request: HttpRequest) -> dict[str, str]:
        return {"email": request.auth.session.user.email}  # type: ignore[attr-defined]

    @api.get("/me-async")
    async def me_async(request: HttpRequest) -> dict[str, str]:
        return {"email": (await request.auth.aload()).user.email}  # type: ignore[attr-defined]

    @api.get("/invoices")
    @requires(permission="invoices:read")
    def invoices(request: HttpRequest, page: int = 1) -> str:
        return f"page {page}"

    @api.get("/open", auth=None)
    def everybody(request: HttpRequest) -> str:
        return "open"

    return rig_of(path("api/", api.urls), mode=mode)


@pytest.fixture
def django_users() -> Iterator[None]:
    with override_settings(AUTHENTICATION_BACKENDS=["vestibule.django.UserBackend"]):
        call_command("migrate", verbosity=0)
        yield
    call_command("flush", verbosity=0, interactive=False)


# --- Django REST framework ---


def test_rest_a_stranger_gets_a_401_that_says_with_what_to_come_back() -> None:
    rig = rest()
    for url in ("/api/me", "/api/invoices", "/api/function"):
        answer = rig.get(url)
        assert answer.status == 401
        assert answer["WWW-Authenticate"] == 'Session realm="api"'


def test_rest_the_user_is_the_person_of_the_session() -> None:
    rig = rest()
    sign_in(rig.client, auth=rig.auth, email="ada@example.com")
    assert rig.get("/api/me").json == {"email": "ada@example.com", "session": "ada@example.com"}
    assert rig.get("/api/function").json == "function"


@pytest.mark.usefixtures("django_users")
def test_rest_a_token_says_less_than_a_session_and_takes_nothing_from_the_user() -> None:
    from django.contrib.auth.models import User

    rig = rest(settings={"bearer": True})
    rig.follow_sign_in(email="ada@example.com", user={"id": "user_1"})
    token = rig.issuer.access_token(rig.issuer._grant("ada@example.com", {"user": {"id": "user_1"}}))
    rig.client.cookies.clear()
    answer = rig.get("/api/me", {"Authorization": f"Bearer {token}"})
    assert answer.json["email"] == "user_1"
    assert User.objects.get().email == "ada@example.com"


@pytest.mark.usefixtures("django_users")
def test_rest_the_user_is_djangos_where_a_backend_keeps_them() -> None:
    from django.contrib.auth.models import User

    rig = rest()
    sign_in(rig.client, auth=rig.auth, email="ada@example.com")
    assert rig.get("/api/me").json["email"] == User.objects.get().username
    User.objects.update(is_active=False)
    assert rig.get("/api/me").status == 401


def test_rest_a_403_names_what_is_missing() -> None:
    rig = rest()
    sign_in(rig.client, auth=rig.auth, permissions=["other"])
    answer = rig.get("/api/invoices")
    assert answer.status == 403
    assert answer.json["error"]["code"] == "forbidden"
    assert answer.json["error"]["missing"] == {"permission": ["invoices:read"]}
    sign_in(rig.client, auth=rig.auth, permissions=["invoices:read"])
    assert rig.get("/api/invoices").json == "invoices"


class Seldom(APIView):
    authentication_classes = [SessionAuthentication]  # noqa: RUF012
    permission_classes = [Requires(rate="1/minute")]  # noqa: RUF012

    def get(self, request: Request) -> Response:
        return Response("seldom")


def test_rest_who_comes_too_often_is_told_when_to_come_back() -> None:
    rig = rig_of(path("api/seldom", Seldom.as_view()))
    sign_in(rig.client, auth=rig.auth)
    assert rig.get("/api/seldom").json == "seldom"
    answer = rig.get("/api/seldom")
    assert answer.status == 429
    assert int(answer["Retry-After"]) > 0


def test_rest_clients_with_a_token_are_people_too() -> None:
    rig = rest(settings={"bearer": True})
    stranger = rig.get("/api/me")
    assert stranger["WWW-Authenticate"] == 'Bearer realm="api"'
    token = rig.issuer.access_token(rig.issuer._grant("ada@example.com", {}))
    assert rig.get("/api/me", {"Authorization": f"Bearer {token}"}).json["email"].startswith("user_")


def test_rest_our_decorator_guards_its_functions_too() -> None:
    rig = rest()
    for url in ("/api/outside", "/api/inside"):
        assert rig.get(url).status == 401
    sign_in(rig.client, auth=rig.auth, role="admin")
    for url in ("/api/outside", "/api/inside"):
        assert rig.get(url).json == "guarded"


def test_rest_an_outage_is_a_503_and_signs_nobody_out() -> None:
    rig = rest()
    sign_in(rig.client, auth=rig.auth, expires_in=-1)
    rig.issuer.drop()
    answer = rig.get("/api/me")
    assert (answer.status, answer.set_cookies) == (503, [])
    assert int(answer["Retry-After"]) > 0


def test_rest_a_refresh_reaches_the_browser() -> None:
    rig = rest()
    sign_in(rig.client, auth=rig.auth, expires_in=-1)
    assert len(rig.get("/api/me").session_cookies()) == 1


def test_CS_1_rest_changes_from_other_sites_are_refused_without_a_csrf_token() -> None:
    rig = rest()
    rig.client.handler.enforce_csrf_checks = True
    sign_in(rig.client, auth=rig.auth)
    assert rig.post("/api/me", "x=1").json == {"sent": {"x": "1"}}
    assert rig.post("/api/me", "x=1", {"Origin": "https://evil.example"}).status == 403
    assert rig.post("/api/me", "x=1", {"Sec-Fetch-Site": "cross-site"}).status == 403


# --- django-ninja ---


@pytest.mark.parametrize("mode", MODES)
def test_ninja_a_stranger_gets_a_401_and_a_person_their_answer(mode: str) -> None:
    rig = ninja(mode)
    for url in ("/api/me", "/api/me-async", "/api/invoices"):
        assert rig.get(url).status == 401
    assert rig.get("/api/open").json == "open"
    sign_in(rig.client, auth=rig.auth, email="ada@example.com")
    assert rig.get("/api/me").json == {"email": "ada@example.com"}
    assert rig.get("/api/me-async").json == {"email": "ada@example.com"}
    assert rig.get("/api/invoices").json["error"]["missing"] == {"permission": ["invoices:read"]}
    sign_in(rig.client, auth=rig.auth, permissions=["invoices:read"])
    assert rig.get("/api/invoices?page=2").json == "page 2"


@pytest.mark.parametrize("mode", MODES)
def test_ninja_an_outage_is_a_503_and_signs_nobody_out(mode: str) -> None:
    rig = ninja(mode)
    sign_in(rig.client, auth=rig.auth, expires_in=-1)
    rig.issuer.drop()
    for url in ("/api/me", "/api/me-async"):
        answer = rig.get(url)
        assert (answer.status, answer.set_cookies) == (503, [])


def test_ninja_shows_the_lock_in_its_documentation() -> None:
    schema = ninja("django").get("/api/openapi.json").json
    (scheme,) = schema["components"]["securitySchemes"].values()
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "cookie", "wos-session")
    assert schema["paths"]["/api/me"]["get"]["security"]
    assert "security" not in schema["paths"]["/api/open"]["get"]
