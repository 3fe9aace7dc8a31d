"""`manage.py check` finds what would go wrong, and says how to mend it."""

import secrets
import subprocess
import sys
from typing import Any

import pytest
from django.conf.urls.i18n import i18n_patterns
from django.core.checks import run_checks
from django.test.utils import override_settings
from django.urls import include, path, re_path

from tests.adapters import django_app
from tests.adapters.django_app import text, urlconf

INCLUDE = path("auth/", include("vestibule.django"))
GIVEN = {
    "client_id": "client_1",
    "cookie_passwords": secrets.token_urlsafe(32),
    "redirect_uri": "https://app.example.com/auth/callback",
}


def found(
    *urls: Any, given: dict[str, Any] | None = None, deploy: bool = False, **settings: Any
) -> dict[str, str]:
    """Ours among the messages: hints by id."""
    urls = urls or (INCLUDE,)
    with override_settings(
        VESTIBULE={**GIVEN, **(given or {})}, ROOT_URLCONF=urlconf(list(urls)), **settings
    ):
        messages = run_checks(include_deployment_checks=deploy)
    ours = [each for each in messages if str(each.id).startswith("vestibule.")]
    return {str(each.id): f"{each.msg} {each.hint}" for each in ours}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VESTIBULE_CLIENT_ID", "VESTIBULE_PREFIX", "WORKOS_CLIENT_ID", "VESTIBULE_REDIRECT_URI"):
        monkeypatch.delenv(name, raising=False)


def without_ours() -> list[str]:
    return [each for each in django_app.settings.MIDDLEWARE if "vestibule" not in each]


def test_a_project_that_is_set_up_right_has_nothing_to_mend() -> None:
    assert found() == {}


def test_each_problem_of_the_settings_is_told() -> None:
    with override_settings(VESTIBULE={}, ROOT_URLCONF=urlconf([INCLUDE])):
        messages = [each for each in run_checks() if each.id == "vestibule.E001"]
    assert len(messages) > 1
    assert any("VESTIBULE_CLIENT_ID" in each.msg for each in messages)


def test_a_missing_middleware_is_told() -> None:
    assert (
        'MIDDLEWARE += ["vestibule.django.AuthMiddleware"]'
        in found(MIDDLEWARE=without_ours())["vestibule.E002"]
    )


def test_a_middleware_that_comes_too_early_for_the_backend_is_told() -> None:
    early = ["vestibule.django.AuthMiddleware", *without_ours()]
    assert found(MIDDLEWARE=early) == {}
    backend = ["vestibule.django.UserBackend"]
    assert "below" in found(MIDDLEWARE=early, AUTHENTICATION_BACKENDS=backend)["vestibule.E003"]
    assert found(AUTHENTICATION_BACKENDS=backend) == {}


def test_a_backend_without_its_table_is_told() -> None:
    apps = [each for each in django_app.settings.INSTALLED_APPS if each != "vestibule.django.users"]
    messages = in_a_process_of_its_own(
        INSTALLED_APPS=apps,
        MIDDLEWARE=django_app.settings.MIDDLEWARE,
        AUTHENTICATION_BACKENDS=["vestibule.django.UserBackend"],
    )
    assert "vestibule.E007" in messages
    assert "'vestibule.django.users' to INSTALLED_APPS" in messages


def test_a_project_without_users_of_its_own_needs_none() -> None:
    middleware = ["django.middleware.common.CommonMiddleware", "vestibule.django.AuthMiddleware"]
    assert "no issues" in in_a_process_of_its_own(INSTALLED_APPS=["vestibule.django"], MIDDLEWARE=middleware)


def in_a_process_of_its_own(**settings: Any) -> str:
    """`manage.py check` where models are not loaded yet."""
    given = {**settings, "VESTIBULE": GIVEN, "ROOT_URLCONF": "urls", "SECRET_KEY": secrets.token_urlsafe(32)}
    program = f"""
import sys, types
from django.conf import settings
from django.urls import include, path
settings.configure(**{given!r})
sys.modules["urls"] = types.SimpleNamespace(urlpatterns=[path("auth/", include("vestibule.django"))])
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "check"])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_routes_that_are_included_elsewhere_are_told() -> None:
    assert found(path("account/", include("vestibule.django")), given={"prefix": "/auth"}).keys() == {
        "vestibule.E004"
    }
    missing_slash = found(path("auth", include("vestibule.django")), given={"prefix": "/auth"})
    assert 'path("auth/"' in missing_slash["vestibule.E004"]


def test_a_prefix_comes_from_the_urlconf_by_itself() -> None:
    redirect_uri = "https://app.example.com/account/callback"
    account = path("account/", include("vestibule.django"))
    assert found(account, given={"redirect_uri": redirect_uri}) == {}


def test_routes_that_are_not_included_are_told() -> None:
    assert 'include("vestibule.django")' in found(path("x", text))["vestibule.W001"]


def test_routes_that_change_with_the_language_are_told() -> None:
    assert "vestibule.E005" in found(*i18n_patterns(path("x", text), INCLUDE))
    assert found(*i18n_patterns(path("x", text)), INCLUDE) == {}


def test_a_callback_that_would_be_sent_on_to_another_view_is_told() -> None:
    given = {"redirect_uri": "https://app.example.com/callback"}
    pages = re_path(r"^(?P<slug>[a-z]+)/$", text)
    assert "AuthMiddleware above" in found(INCLUDE, pages, given=given)["vestibule.E006"]
    assert found(INCLUDE, pages, given=given, APPEND_SLASH=False) == {}
    early = ["vestibule.django.AuthMiddleware", *without_ours()]
    assert found(INCLUDE, pages, given=given, MIDDLEWARE=early) == {}
    assert found(INCLUDE, given=given) == {}


def test_a_project_on_https_that_takes_requests_for_http_is_told_before_it_is_deployed() -> None:
    assert "SECURE_PROXY_SSL_HEADER" in found(deploy=True)["vestibule.W003"]
    assert "vestibule.W003" not in found(
        deploy=True, SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https")
    )
    assert "vestibule.W003" not in found(
        deploy=True, given={"redirect_uri": "http://localhost/auth/callback"}
    )
