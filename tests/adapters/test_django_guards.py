"""`requires` and `public` on everything that Django calls a view."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.test.utils import override_settings
from django.urls import include, path, reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST
from django.views.static import serve

from tests.adapters import django_app
from tests.adapters.django_app import MODES, rig_of, text, text_async
from tests.adapters.rigs import build
from vestibule import ConfigError, NotInstalled, requirement
from vestibule.django import Request, RequiresMixin, public, requires
from vestibule.testing import sign_in


@requires(role="admin")
class Guarded(View):
    def get(self, request: Request) -> HttpResponse:
        return HttpResponse("text")


@requires(role="admin")
class GuardedAsync(View):
    async def get(self, request: Request) -> HttpResponse:
        return HttpResponse("text")


class Mixed(RequiresMixin, View):
    requirement = requirement(role="admin")

    def get(self, request: Request) -> HttpResponse:
        return HttpResponse("text")


class MixedAsync(RequiresMixin, View):
    requirement = requirement(role="admin")

    async def get(self, request: Request) -> HttpResponse:
        return HttpResponse("text")


@method_decorator(requires(role="admin"), name="dispatch")
class Decorated(View):
    def get(self, request: Request) -> HttpResponse:
        return HttpResponse("text")


class OneMethod(View):
    @method_decorator(requires(role="admin"))
    def get(self, request: Request) -> HttpResponse:
        return HttpResponse("text")


class OneMethodBare(View):
    @requires(role="admin")
    def get(self, request: Request) -> HttpResponse:
        return HttpResponse("text")


VIEWS: dict[str, Callable[..., Any]] = {
    "function": requires(role="admin")(text),
    "async": requires(role="admin")(text_async),
    "class": Guarded.as_view(),
    "async-class": GuardedAsync.as_view(),
    "mixin": Mixed.as_view(),
    "async-mixin": MixedAsync.as_view(),
    "dispatch": Decorated.as_view(),
    "method": OneMethod.as_view(),
    "bare-method": OneMethodBare.as_view(),
    "as-view": requires(role="admin")(Decorated.as_view()),
    "twice": requires()(requires(role="admin")(text)),
    "exempt": csrf_protect(requires(role="admin")(text)),
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
@pytest.mark.parametrize("mode", MODES)
def test_every_kind_of_view_can_be_guarded(mode: str, view: Callable[..., Any]) -> None:
    rig = rig_of(path("x", view), mode=mode)
    assert rig.get("/x").status == 401
    assert rig.open("/x").location == "/auth/sign-in?return_to=%2Fx"
    sign_in(rig.client, auth=rig.auth)
    assert rig.get("/x").status == 403
    sign_in(rig.client, auth=rig.auth, role="admin")
    assert rig.get("/x").text == "text"


@pytest.mark.parametrize("mode", MODES)
def test_a_group_of_urls_is_guarded_at_every_depth(mode: str) -> None:
    inner = [path("deep/", include([path("x", text_async, name="x")])), path("y", Decorated.as_view())]
    rig = rig_of(
        path("shop/", requires(role="admin")(include((inner, "shop")))),
        requires(role="admin")(path("z", text)),
        *requires(role="admin")([path("list", text)]),
        mode=mode,
    )
    for url in ("/shop/deep/x", "/shop/y", "/z", "/list"):
        assert rig.get(url).status == 401
    sign_in(rig.client, auth=rig.auth, role="admin")
    for url in ("/shop/deep/x", "/shop/y", "/z", "/list"):
        assert rig.get(url).text == "text"
    urlconf = type("URLs", (), {"urlpatterns": [path("s/", requires()(include((inner, "shop"))))]})
    assert reverse("shop:x", urlconf=urlconf) == "/s/deep/x"  # type: ignore[arg-type]


def test_the_subclass_of_a_guarded_class_is_guarded() -> None:
    class Below(Guarded):
        pass

    assert rig_of(path("x", Below.as_view())).get("/x").status == 401


def test_a_guard_stands_above_or_below_other_decorators() -> None:
    rig = rig_of(path("a", requires()(require_POST(text))), path("b", require_POST(requires()(text))))
    assert rig.post("/a").status == 401
    assert rig.post("/b").status == 401
    sign_in(rig.client, auth=rig.auth)
    assert rig.post("/a").text == "text"
    assert rig.post("/b").text == "text"


@pytest.mark.parametrize("target", [None, 7, "shop.urls", dict], ids=str)
def test_a_guard_on_what_is_no_view_is_found_at_once(target: object) -> None:
    with pytest.raises(ConfigError, match="views"):
        requires()(target)


def test_a_guard_without_its_parentheses_is_found_at_once() -> None:
    with pytest.raises(ConfigError, match=r"@requires\(\)"):
        requires(text)  # type: ignore[arg-type]


def test_a_mixin_on_the_wrong_side_of_the_view_is_found_at_once() -> None:
    with pytest.raises(ConfigError, match="left") as caught:

        class Wrong(View, RequiresMixin):
            pass

    assert caught.value.code == "guard_not_applied"


def test_a_guarded_function_without_a_request_lets_nobody_in() -> None:
    with pytest.raises(ConfigError, match="without a request"):
        requires()(lambda: "secret")()


def test_the_audit_reads_what_a_view_requires() -> None:
    wanted = requirement(role="admin")
    for view in (VIEWS["function"], VIEWS["async"], VIEWS["class"], VIEWS["dispatch"], Mixed):
        assert view.__vestibule_requirement__ == wanted  # type: ignore[attr-defined]


# --- what is missing ---


def test_without_the_middleware_a_guard_names_the_line_to_add() -> None:
    request = RequestFactory().get("/x")
    with (
        override_settings(MIDDLEWARE=[]),
        pytest.raises(NotInstalled, match=r"vestibule\.django\.AuthMiddleware"),
    ):
        VIEWS["function"](request)


def test_without_the_middleware_our_routes_name_the_line_to_add() -> None:
    rig = rig_of()
    middleware = [each for each in django_app.settings.MIDDLEWARE if "vestibule" not in each]
    with override_settings(MIDDLEWARE=middleware):
        assert rig.open("/auth/sign-in").status == 500
        assert "AuthMiddleware" in str(rig.client.exc_info or "AuthMiddleware")


def test_a_request_of_a_factory_has_the_session_of_its_cookies() -> None:
    rig = build("django")
    name, value = next(iter(rig.issuer.cookies(role="admin").items()))
    request = RequestFactory().get("/x", headers={"Cookie": f"{name}={value}"})
    with override_settings(VESTIBULE=rig.auth):
        assert VIEWS["function"](request).content == b"text"
        assert VIEWS["function"](RequestFactory().get("/x")).status_code == 401


# --- whole-app protection ---


@public
def shop_window(request: HttpRequest) -> HttpResponse:
    return HttpResponse("window")


@public
class ShopWindow(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("window")


@pytest.mark.parametrize("mode", MODES)
def test_a_public_view_is_open_in_an_app_that_is_protected(mode: str) -> None:
    rig = rig_of(
        path("open", shop_window),
        path("open-class", ShopWindow.as_view()),
        path("closed", text),
        mode=mode,
        settings={"protect": True},
    )
    assert rig.open("/open").text == "window"
    assert rig.open("/open-class").text == "window"
    assert rig.open("/closed").location == "/auth/sign-in?return_to=%2Fclosed"
    assert rig.open("/nowhere").status == 303
    sign_in(rig.client, auth=rig.auth)
    assert rig.open("/closed").text == "text"
    assert rig.open("/nowhere").status == 404


def test_static_and_media_files_are_open_in_an_app_that_is_protected(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_text("open")
    files = path("media/<path:path>", serve, {"document_root": tmp_path})
    rig = rig_of(files, settings={"protect": True})
    assert rig.open("/media/x.png").status == 303
    with override_settings(STATIC_URL="/assets-of/", MEDIA_URL="media/"):
        assert rig.open("/media/x.png").text == "open"
        assert rig.open("/assets-of/x.css").status == 404  # what stands in front of all views has them
        assert rig.open("/assets-off").status == 303


def test_reg_CVE_2026_0976_static_and_media_files_open_no_view_among_them() -> None:
    rig = rig_of(path("media/<path:name>", shown_file), settings={"protect": True})
    with override_settings(MEDIA_URL="/media/"):
        for url in ("/media/contract.pdf", "/media/%63ontract.pdf"):
            assert rig.open(url).status == 303


def shown_file(request: HttpRequest, name: str) -> HttpResponse:
    return HttpResponse(name)


class SwitchURLconf:
    """An inner middleware that chooses the URLconf by something in the request."""

    sync_capable = async_capable = True

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: Any) -> Any:
        request.urlconf = type("Other", (), {"urlpatterns": [path("open", text)]})
        return self.get_response(request)


@pytest.mark.parametrize("mode", MODES)
def test_a_view_is_public_by_its_own_mark_whatever_url_conf_was_looked_at_before(mode: str) -> None:
    rig = rig_of(path("open", shop_window), mode=mode, settings={"protect": True})
    inner = f"{__name__}.SwitchURLconf"
    with override_settings(MIDDLEWARE=[*django_app.settings.MIDDLEWARE, inner]):
        assert rig.open("/open").location == "/auth/sign-in?return_to=%2Fopen"
        sign_in(rig.client, auth=rig.auth)
        assert rig.open("/open").text == "text"


def test_our_way_in_serves_login_required_too() -> None:
    middleware = [*django_app.settings.MIDDLEWARE, "django.contrib.auth.middleware.LoginRequiredMiddleware"]
    rig = rig_of(path("x", text), path("open", shop_window))
    with override_settings(MIDDLEWARE=middleware, LOGIN_URL="vestibule:sign-in"):
        assert rig.open("/open").text == "window"
        away = rig.open("/x?page=2")
        assert away.location == "/auth/sign-in?next=/x%3Fpage%3D2"
        assert rig.follow_sign_in(away.location).location == "/x?page=2"
    assert rig.follow_sign_in("/auth/sign-in?next=//evil.example").location == "/"
