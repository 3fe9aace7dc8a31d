"""Django's own users, URLconf and checks over an app of direct mode."""

from tests.adapters import django_app  # sets Django up, which the imports below need

# isort: split
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.http import HttpRequest, JsonResponse
from django.test import Client
from django.test.utils import override_settings
from django.urls import include, path

from tests.direct.world import ORIGIN, PASSWORD, SESSION, query_of
from vestibule import requirement
from vestibule.direct import DirectSignIn
from vestibule.django import get_auth
from vestibule.django.checks import check_middleware, check_settings
from vestibule.testing import TestProvider

PAGE = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none"}


def on_sign_in(sign_in: DirectSignIn) -> None:
    sign_in.grant(role="admin" if sign_in.session.user.email == "ada@example.com" else None)


def whoami(request: HttpRequest) -> JsonResponse:
    return JsonResponse(
        {"name": request.user.get_username(), "staff": getattr(request.user, "is_staff", False)}
    )


@pytest.fixture
def provider() -> Iterator[TestProvider]:
    """Of a project with our routes below `accounts/`, which keeps Django's users."""
    provider = TestProvider("github", redirect_uris=[f"{ORIGIN}/accounts/callback/github"])
    given: dict[str, Any] = {
        "direct": [provider.client()],
        "send": provider,
        "on_sign_in": "tests.direct.test_django.on_sign_in",
        "staff": requirement(role="admin"),
        "base_url": ORIGIN,
        "cookie_passwords": [PASSWORD],
    }
    urls = django_app.urlconf([path("accounts/", include("vestibule.django")), path("whoami", whoami)])
    backends = ["vestibule.django.UserBackend"]
    with override_settings(VESTIBULE=given, ROOT_URLCONF=urls, AUTHENTICATION_BACKENDS=backends):
        call_command("migrate", verbosity=0)
        yield provider
    call_command("flush", verbosity=0, interactive=False)


def sign_in(client: Client, provider: TestProvider, email: str) -> None:
    provider.person(email)
    begun = client.get("/accounts/sign-in", headers=PAGE)
    callback = provider.consent(begun["Location"]).removeprefix(ORIGIN)
    assert client.get(callback, headers=PAGE).status_code == 303


def test_who_signs_in_is_one_of_djangos_users(provider: TestProvider) -> None:
    client = Client(SERVER_NAME="localhost")
    sign_in(client, provider, "ada@example.com")
    assert client.get("/whoami").json()["staff"] is True
    assert User.objects.get().email == "ada@example.com"
    client.post("/accounts/sign-out", headers=PAGE)
    assert SESSION not in {name for name, morsel in client.cookies.items() if morsel.value}
    assert client.get("/whoami").json() == {"name": "", "staff": False}
    sign_in(client, provider, "grace@example.com")
    assert client.get("/whoami").json()["staff"] is False
    sign_in(client, provider, "ada@example.com")
    assert User.objects.count() == 2


def test_the_callback_is_where_the_urlconf_has_our_routes(provider: TestProvider) -> None:
    begun = Client(SERVER_NAME="localhost").get("/accounts/sign-in", headers=PAGE)
    assert query_of(begun["Location"])["redirect_uri"] == f"{ORIGIN}/accounts/callback/github"
    assert get_auth().direct.get_session is not None


def test_the_checks_of_a_project_find_what_is_wrong(provider: TestProvider) -> None:
    assert check_settings() == check_middleware() == []
    with override_settings(VESTIBULE={"direct": ["nobody"], "cookie_passwords": [PASSWORD]}):
        said = [(error.id, error.msg) for error in check_settings()]
    assert {number for number, _ in said} == {"vestibule.E001"}
    assert len(said) == 2
