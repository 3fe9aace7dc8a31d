"""What only Django has: URLconfs, view classes, decorators of its own, settings that change."""

import asyncio
import secrets
import threading
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest
from asgiref.sync import markcoroutinefunction
from django.core.exceptions import SynchronousOnlyOperation
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.http import HttpRequest, HttpResponse
from django.test import Client, SimpleTestCase
from django.test.utils import override_settings
from django.urls import include, path, reverse

from tests.adapters import django_app
from tests.adapters.acts import ANSWERS
from tests.adapters.django_app import MODES, rig_of, text, text_async, urlconf
from tests.adapters.driving import scope
from tests.adapters.rigs import FETCH, HTMX, NAVIGATE, build
from tests.adapters.test_acts import answered
from vestibule import ConfigError, requirement
from vestibule.django import Auth, Request, get_auth, requires
from vestibule.django.mounting import answer_async
from vestibule.testing import sign_in

PASSWORD = secrets.token_urlsafe(32)


# --- async ---


def test_asking_in_an_async_view_without_awaiting_names_what_to_await() -> None:
    raised: list[Exception] = []

    async def careless(request: Request) -> HttpResponse:
        try:
            return HttpResponse(request.auth.session and request.auth.session.user.email)
        except SynchronousOnlyOperation as error:
            raised.append(error)
            raise

    rig = rig_of(path("x", careless), mode="django-async")
    sign_in(rig.client, auth=rig.auth, email="ada@example.com", expires_in=-1)
    assert rig.get("/x").status == 500
    assert "aload()" in str(raised[0])
    for headers in (NAVIGATE, HTMX):  # there it was loaded before
        sign_in(rig.client, auth=rig.auth, email="ada@example.com", expires_in=-1)
        assert rig.get("/x", headers).text == "ada@example.com"


class CountThreads:
    """Outermost: notes which threads there are before and after everything inside."""

    async_capable, sync_capable = True, False
    seen: ClassVar[list[set[threading.Thread]]] = []

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        self.seen.append(set(threading.enumerate()))
        response: HttpResponse = await self.get_response(request)
        self.seen.append(set(threading.enumerate()))
        return response


def test_each_name_that_waits_has_a_twin_to_await() -> None:
    async def everything(request: Request) -> HttpResponse:
        auth = request.auth
        saved = await auth.asave(ANSWERS["django"])
        assert (await auth.aload()) == saved
        assert (await auth.arefresh()).id == saved.id
        assert (await auth.aswitch_organization("org_2")).organization_id == "org_2"
        assert (await auth.arecent(600)).is_stale is False
        assert await auth.auser() == {"name": "Grace"}
        (await auth.adata()).update(seen=True)
        assert await auth.aguard(requirement(role="admin")) is not None
        return HttpResponse(auth.session and auth.session.user.email)

    rig = rig_of(path("x", everything), mode="django-async", load_user=lambda session: {"name": "Grace"})
    ANSWERS["django"] = answered(rig)
    assert rig.get("/x").text == "grace@example.com"


def test_under_asgi_a_request_goes_through_the_middleware_in_one_thread() -> None:
    rig = rig_of(path("x", requires()(text_async)), mode="django-async", settings={"protect": True})
    sign_in(rig.client, auth=rig.auth, expires_in=-1)
    with override_settings(MIDDLEWARE=[f"{__name__}.CountThreads", "vestibule.django.AuthMiddleware"]):
        assert rig.get("/x").status == 200
    before, after = CountThreads.seen
    assert before == after


@pytest.mark.parametrize("mode", MODES)
def test_hooks_may_use_the_database(mode: str) -> None:
    from django.utils.asyncio import async_unsafe

    @async_unsafe("a database would refuse this here")
    def database(*_: object) -> None:
        calls.append(1)

    calls: list[int] = []
    rig = rig_of(path("x", text), mode=mode, on_sign_in=database, on_event=database, on_refresh=database)
    rig.follow_sign_in()
    rig.clock.advance(minutes=6)
    rig.open("/x")
    assert len(calls) == 4


# --- cookies and requests ---


def test_a_cookie_that_is_set_and_deleted_in_one_request_keeps_no_attribute_of_either() -> None:
    def both(request: Request) -> HttpResponse:
        response = HttpResponse()
        response.delete_cookie("wos-session", domain="example.com")
        response.set_cookie("other", "1", samesite="Strict")
        request.auth.refresh()
        return response

    rig = rig_of(path("x", both))
    sign_in(rig.client, auth=rig.auth)
    answer = rig.get("/x")
    (line,) = answer.session_cookies()
    assert "Domain" not in line
    assert "expires" not in line.lower()
    assert any(each.startswith("other=1") for each in answer.set_cookies)


def test_a_host_only_and_a_domain_cookie_are_deleted_both() -> None:
    rig = rig_of(
        path("x", text),
        settings={"redirect_uri": "https://app.example.com/auth/callback", "cookie_domain": "example.com"},
    )
    (value,) = rig.issuer.cookies().values()
    headers = {**FETCH, "Host": "app.example.com", "Cookie": f"wos-session={value}; wos-session={value}"}
    lines = rig.post("/auth/sign-out", "", headers).session_cookies()
    assert len(lines) == 2
    assert ["Domain=example.com" in line for line in lines] == [False, True]


@pytest.mark.parametrize("mode", MODES)
def test_paths_outside_of_ascii_come_back_as_they_were(mode: str) -> None:
    rig = rig_of(path("zoë/→", requires()(text)), mode=mode)
    away = rig.open("/zo%C3%AB/%E2%86%92?q=%C3%AB")
    assert away.location == "/auth/sign-in?return_to=%2Fzo%25C3%25AB%2F%25E2%2586%2592%3Fq%3D%25C3%25AB"
    assert rig.follow_sign_in(away.location).location == "/zo%C3%AB/%E2%86%92?q=%C3%AB"
    assert rig.open("/zo%C3%AB/%E2%86%92").text == "text"


def test_cookies_in_several_lines_are_read_as_http_2_sends_them() -> None:
    rig = build("django-async")
    (value,) = rig.issuer.cookies(email="ada@example.com").values()
    lines = [(b"cookie", b"a=1"), (b"cookie", f"wos-session={value}".encode()), (b"host", b"localhost")]
    waiting = [{"type": "http.request"}]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not waiting:
            await asyncio.Event().wait()
        return waiting.pop()

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    with override_settings(VESTIBULE=rig.auth, ROOT_URLCONF=django_app.ASYNC_URLS):
        asked = {**scope("/me"), "headers": lines}
        asyncio.run(ASGIHandler()(asked, receive, send))
    assert b"ada@example.com" in sent[1]["body"]


def test_an_app_below_a_path_sends_people_back_below_it() -> None:
    rig = build("django")
    with override_settings(FORCE_SCRIPT_NAME="/below"):
        away = rig.open("/me")
        assert away.location == "/below/auth/sign-in?return_to=%2Fbelow%2Fme"


def test_CS_1_csrf_protection_of_django_stays_on_and_does_not_stand_in_our_way() -> None:
    rig = rig_of(path("note", text))
    rig.client.handler.enforce_csrf_checks = True
    sign_in(rig.client, auth=rig.auth)
    assert rig.post("/note").status == 403
    assert rig.post("/auth/organization", "organization_id=org_2").status in (200, 303)
    assert rig.post("/auth/sign-out").status == 303
    assert rig.post("/auth/sign-out", "", {"Origin": "https://evil.example"}).status == 403


# --- settings ---


def test_the_routes_are_where_the_urlconf_includes_them() -> None:
    urls = urlconf([path("account/", include("vestibule.django"))])
    given = {
        "url": "https://id.example.com",
        "client_id": "client_1",
        "cookie_passwords": PASSWORD,
        "redirect_uri": "http://localhost/account/callback",
    }
    with override_settings(VESTIBULE=given, ROOT_URLCONF=urls):
        auth = get_auth()
        auth.find_prefix()
        assert auth.config.prefix == "/account"
        assert auth.sign_in_url(return_to="/me") == "/account/sign-in?return_to=%2Fme"
        assert reverse("vestibule:sign-out") == "/account/sign-out"


def test_two_first_requests_both_wait_for_the_urlconf() -> None:
    here, go = threading.Event(), threading.Event()

    class Slow:
        @property
        def urlpatterns(self) -> list[Any]:
            here.set()
            go.wait(10)
            return [path("account/", include("vestibule.django"))]

    auth = Auth(
        client_id="client_1", cookie_passwords=PASSWORD, redirect_uri="http://localhost/account/callback"
    )
    found: list[str] = []

    def look() -> None:
        auth.find_prefix()
        found.append(auth.config.prefix)

    with override_settings(VESTIBULE=auth, ROOT_URLCONF=Slow()):
        threads = [threading.Thread(target=look) for _ in range(2)]
        threads[0].start()
        assert here.wait(10)
        threads[1].start()
        threads[1].join(0.2)
        assert found == []
        go.set()
        for thread in threads:
            thread.join()
    assert found == ["/account", "/account"]


def test_SZ_1_the_server_inside_reads_no_more_of_a_body_than_it_wants() -> None:
    body = BytesIO(b"a" * 1_000_000)

    class Server:
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await receive()
            await send({"type": "http.response.start", "status": 413, "headers": []})
            await send({"type": "http.response.body", "body": b"too much"})

    request = ASGIRequest(scope("/id/oauth2/token", method="POST"), body)
    answer = asyncio.run(answer_async(cast(Any, Server()), request))
    assert (answer.status_code, answer.content) == (413, b"too much")
    assert body.tell() < 100_000


def test_the_server_may_be_inside_the_project(tmp_path: Path) -> None:
    pytest.importorskip("sqlalchemy", reason="the oldest frameworks are tried without the server")
    given = {
        "redirect_uri": "http://localhost/auth/callback",
        "embedded": {"database": f"sqlite:///{tmp_path / 'auth.db'}"},
    }
    client = Client(headers={**NAVIGATE, "Host": "localhost"})
    with override_settings(VESTIBULE=given):
        begun = client.get("/auth/sign-in")
        assert begun["Location"].startswith("http://localhost/id/user_management/authorize?")
        page = client.get(begun["Location"], follow=True)
        assert page.status_code == 200
        assert b"<form" in page.content
        get_auth().transport.close()


def test_djangos_test_client_follows_our_redirects() -> None:
    rig = rig_of(path("me", requires()(text)))
    with override_settings(VESTIBULE=rig.auth):
        response = rig.client.get("/me", headers=NAVIGATE)
    SimpleTestCase().assertRedirects(
        response, "/auth/sign-in?return_to=%2Fme", status_code=303, fetch_redirect_response=False
    )


def test_settings_that_change_make_a_new_auth() -> None:
    with override_settings(VESTIBULE={"client_id": "one"}):
        first = get_auth()
        assert get_auth() is first
        with override_settings(VESTIBULE={"client_id": "two"}):
            assert get_auth() is not first


def test_the_environment_wins_over_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VESTIBULE_CLIENT_ID", "client_of_the_environment")
    given = {"client_id": "client_of_the_settings", "cookie_passwords": PASSWORD}
    with override_settings(VESTIBULE={**given, "redirect_uri": "http://localhost/auth/callback"}):
        assert get_auth().config.client_id == "client_of_the_environment"


def test_settings_of_another_kind_are_refused() -> None:
    with override_settings(VESTIBULE="client_1"), pytest.raises(ConfigError, match="dict"):
        get_auth()


NAMED: list[object] = []


def remember(argument: object) -> None:
    NAMED.append(argument)


async def remember_async(argument: object) -> None:
    NAMED.append(argument)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["remember", "remember_async"])
def test_hooks_are_given_by_name(mode: str, name: str) -> None:
    NAMED.clear()
    rig = rig_of(mode=mode, on_sign_in=f"{__name__}.{name}")
    rig.follow_sign_in()
    assert len(NAMED) == 1


def test_settings_are_read_with_the_first_request(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VESTIBULE_CLIENT_ID", "WORKOS_CLIENT_ID"):
        monkeypatch.delenv(name, raising=False)
    with override_settings(VESTIBULE={}), pytest.raises(ConfigError, match="VESTIBULE_CLIENT_ID"):
        _ = get_auth().config


def test_a_config_error_of_a_view_is_not_shown_to_visitors() -> None:
    def careless(request: Request) -> HttpResponse:
        raise ConfigError("the secret setting is wrong")

    answer = rig_of(path("x", careless)).get("/x")
    assert answer.status == 500
    assert "secret" not in answer.text


def test_a_wait_in_a_loop_elsewhere_is_not_mistaken_for_ours() -> None:
    rig = build("django")
    sign_in(rig.client, auth=rig.auth, expires_in=-1)

    async def story() -> int:
        return await asyncio.to_thread(lambda: rig.get("/me").status)

    assert asyncio.run(story()) == 200


def test_an_auth_may_be_given_whole() -> None:
    auth = Auth(client_id="client_1")
    with override_settings(VESTIBULE=auth):
        assert get_auth() is auth
