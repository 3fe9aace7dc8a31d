"""The contract's app in each framework: what is guarded there is called guarded, and what is not is not."""

from typing import Any

import pytest

from tests.adapters import rigs
from vestibule.audit import Report, audit

GUARDED = {
    "/me": "signed in",
    "/invoices": "permission invoices:read",
    "/both": "permission invoices:read and role admin, owner",
    "/either": "permission invoices:read or role admin",
    "/recent": "a sign-in at most 600 seconds old",
    "/group/x": "role admin",
}
FRAMEWORKS = ("starlette", "fastapi", "flask", "django", "django-async", "litestar")
OPEN = {"/", "/public", "/note", "/boom"}


def app_of(name: str, **settings: Any) -> Any:
    if name.startswith("django"):
        return django_app(name, **settings)
    rig = rigs.build(name, settings=settings)
    return getattr(rig.client, "application", None) or rig.client.app


def django_app(name: str, **settings: Any) -> Any:
    from tests.adapters import django_app as project
    from vestibule.django import Auth
    from vestibule.testing.issuer import create_config

    app = project.create_async_app() if name == "django-async" else project.create_app()
    project.settings.VESTIBULE = Auth(create_config(**settings))
    return app


def requirements(report: Report) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in report.endpoints:
        if each.kind == "app" and each.guarded and "WEBSOCKET" not in each.methods:
            found["/" + each.path.strip("/")] = each.words
    return found


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_what_is_guarded_is_called_guarded(framework: str) -> None:
    found = requirements(audit(app_of(framework)))
    assert {path: found.get(path) for path in GUARDED} == GUARDED


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_what_is_open_is_found(framework: str) -> None:
    paths = {"/" + finding.path.strip("/") for finding in audit(app_of(framework)).findings}
    assert paths >= OPEN
    assert not paths & GUARDED.keys()


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_our_own_routes_are_listed_and_are_no_problem(framework: str) -> None:
    report = audit(app_of(framework))
    ours = {each.path for each in report.endpoints if each.kind == "ours"}
    assert ours >= {"/auth/sign-in", "/auth/sign-out", "/auth/callback", "/auth/session"}
    assert not ours & {finding.path for finding in report.findings}


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_protected_app_has_a_page_guard_everywhere(framework: str) -> None:
    report = audit(app_of(framework, protect=True, public_paths=("/public",)))
    assert [finding.path for finding in report.findings] == []
    pages = {"/" + each.path.strip("/"): each.page for each in report.endpoints if each.kind == "app"}
    assert (pages["/"].guarded, pages["/"].why) == (True, "whole app")
    assert (pages["/public"].guarded, pages["/public"].why) == (False, "public path /public")


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_strict_finds_what_only_the_page_guard_guards(framework: str) -> None:
    report = audit(app_of(framework, protect=True, public_paths=("/public",)), strict=True)
    assert {finding.flaw.value for finding in report.findings} == {"page_guard_only"}
    assert {"/" + finding.path.strip("/") for finding in report.findings} & OPEN == OPEN - {"/public"}
