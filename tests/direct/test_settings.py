"""The settings of direct mode, and the ways to say them."""

from pathlib import Path
from typing import Any

import pytest
from django.test.utils import override_settings
from fastapi import FastAPI
from flask import Flask
from litestar import Litestar
from starlette.applications import Starlette
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from tests.adapters.rigs import Answer
from tests.direct.apps import ORIGIN, Sending, build, over_asgi, over_wsgi
from tests.direct.conftest import Make
from tests.direct.world import PASSWORD, Shelf, World, code_of, query_of
from vestibule import NotInstalled, asgi, django, fastapi, flask, litestar, starlette
from vestibule.django import get_auth
from vestibule.errors import ConfigError, Refused
from vestibule.oauth import github, google, oidc
from vestibule.testing import TestProvider

VARIABLES = {
    "VESTIBULE_BASE_URL": "https://app.example.com",
    "VESTIBULE_COOKIE_PASSWORD": PASSWORD,
    "GITHUB_CLIENT_ID": "of-the-environment",
    "GITHUB_CLIENT_SECRET": "hidden",
}
KNOWN = {"base_url": "http://localhost", "cookie_passwords": [PASSWORD]}
KEYS = {"client_id": "a", "client_secret": "b"}


def problems_of(*providers: Any, **settings: Any) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        _ = flask.Auth.direct(Flask(__name__), *providers, **settings).config
    return caught.value.problems


def test_everything_that_is_wrong_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VESTIBULE_COOKIE_PASSWORD", "short")
    said = problems_of(
        "github",
        "nobody",
        google(**KEYS),
        google(**KEYS),
        oidc("https://id.example.com", id="credentials", **KEYS),
        base_url="localhost",
        policy="forever",
        lifetime=0,
        max_lifetime=-1,
        sliding_threshold=1,
        redirect_uri="http://localhost/callback",
        api_key="sk_test_1",
        bearer=True,
    )
    for part in (
        "GITHUB_CLIENT_ID",
        "GITHUB_CLIENT_SECRET",
        "'nobody'",
        "called 'google'",
        "called 'credentials'",
        "VESTIBULE_BASE_URL=http://localhost:8000",
        "VESTIBULE_POLICY",
        "unset VESTIBULE_LIFETIME",
        "VESTIBULE_MAX_LIFETIME",
        "VESTIBULE_SLIDING_THRESHOLD",
        "no use for api_key=",
        "no use for bearer=",
        "base_url= in place of redirect_uri=",
        "VESTIBULE_COOKIE_PASSWORD",
    ):
        assert [each for each in said if part in each], (part, said)
    assert len(said) == len(set(said)) == 14


@pytest.mark.parametrize(
    ("name", "value", "mend"),
    [
        ("VESTIBULE_LIFETIME", "long", "unset VESTIBULE_LIFETIME"),
        ("VESTIBULE_SLIDING_THRESHOLD", "half", "unset VESTIBULE_SLIDING_THRESHOLD"),
        ("VESTIBULE_KEEP_TOKENS", "maybe", "unset VESTIBULE_KEEP_TOKENS"),
    ],
)
def test_a_variable_that_is_none_says_how_to_mend_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, mend: str
) -> None:
    monkeypatch.setenv(name, value)
    monkeypatch.setenv("VESTIBULE_BROWSER_PROVIDER_TOKENS", "perhaps")
    said = problems_of(github(**KEYS), authorize=authorize, credentials_rate="often", **KNOWN)
    for part in (mend, "unset VESTIBULE_BROWSER_PROVIDER_TOKENS", "not 'often'"):
        assert [each for each in said if part in each], (part, said)


@pytest.mark.parametrize("address", ["", "localhost:8000", "ftp://a.example", "https://a.example/?b", "//a"])
def test_an_address_that_providers_could_not_send_back_to_is_refused(address: str) -> None:
    [said] = problems_of(github(**KEYS), **{**KNOWN, "base_url": address})
    assert "VESTIBULE_BASE_URL=http://localhost:8000" in said


def test_the_environment_wins_over_keywords(monkeypatch: pytest.MonkeyPatch) -> None:
    more = {"LIFETIME": "60", "SLIDING_THRESHOLD": "0.1", "KEEP_TOKENS": "on", "POLICY": "rolling"}
    for name, value in {**VARIABLES, **{f"VESTIBULE_{name}": value for name, value in more.items()}}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("VESTIBULE_BROWSER_PROVIDER_TOKENS", "no")
    monkeypatch.setenv("VESTIBULE_URL", "https://id.example.com")  # of another app: nothing to do with this
    auth = flask.Auth.direct(Flask(__name__), "github", lifetime=5, base_url="http://localhost", protect=True)
    assert auth.config.cookie_name == "__Host-vestibule-session"
    assert auth.config.protect
    assert auth.way is not None
    settings = auth.way.settings
    assert (settings.base_url, settings.lifetime, settings.policy) == (
        "https://app.example.com",
        60,
        "rolling",
    )
    assert (settings.sliding_threshold, settings.keep_tokens) == (0.1, True)
    assert not settings.browser_provider_tokens
    assert auth.way.clients["github"].client_id == "of-the-environment"
    assert "hidden" not in repr(auth.way.chosen)


def test_a_dotenv_is_read_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("\n".join(f"{name}={value}" for name, value in VARIABLES.items()))
    app = FastAPI()
    fastapi.Auth.direct(app, "github")
    answer = over_asgi(app)("GET", "/auth/sign-in", {"Sec-Fetch-Mode": "navigate"}, b"")
    asked = query_of(answer.location)
    assert asked["client_id"] == "of-the-environment"
    assert asked["redirect_uri"] == "https://app.example.com/auth/callback/github"


def test_each_framework_has_the_line_of_the_guide(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    made = [
        starlette.Auth.direct(Starlette(), "github"),
        fastapi.Auth.direct(FastAPI(), "github"),
        flask.Auth.direct(Flask(__name__), "github"),
        flask.Auth.direct("github"),
        flask.Auth.direct(None, "github"),
        litestar.Auth.direct("github"),
        django.Auth.direct("github"),
        asgi.Auth.direct(Starlette(), "github"),
    ]
    assert {tuple(auth.way.clients) for auth in made if auth.way} == {("github",)}
    Litestar([], plugins=[litestar.Auth.direct("github")], logging_config=None)
    late = flask.Auth.direct("github")
    late.init_app(Flask(__name__))


def test_django_takes_a_list_or_a_dict(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    with override_settings(VESTIBULE={"direct": ["github", google(**KEYS)], "policy": "rolling"}):
        way = get_auth().way
        assert way is not None
        assert (list(way.clients), way.settings.policy) == (["github", "google"], "rolling")
    given = {"providers": ["github"], "keep_tokens": True, "on_link": "tests.direct.test_settings.on_link"}
    given |= {"authorize": "tests.direct.test_settings.authorize"}
    given |= {"token_store": "tests.direct.test_settings.STORE"}
    with override_settings(VESTIBULE={"direct": given, "revocations": "tests.direct.test_settings.STORE"}):
        auth = get_auth()
        assert auth.way is not None
        assert auth.way.settings.keep_tokens
        assert auth.way.token_store is STORE
        assert auth.way.hooks.authorize is not None
        assert auth.way.hooks.authorize(None) == "asked"  # type: ignore[arg-type]
        auth.direct.revoke("session_1")
    assert len(STORE.kept) == 1


STORE = Shelf()


def authorize(credentials: object) -> str:
    return "asked"


def on_link(link: object) -> None:
    raise AssertionError


def test_there_has_to_be_a_way_in() -> None:
    with pytest.raises(ConfigError, match="needs a provider"):
        flask.Auth.direct(Flask(__name__))
    with pytest.raises(ConfigError, match=r"such as github\(\), not function"):
        flask.Auth.direct(Flask(__name__), github)  # forgotten parentheses


def test_an_app_with_a_server_has_no_direct_mode() -> None:
    auth = flask.Auth(Flask(__name__))
    with pytest.raises(NotInstalled, match=r"Auth\.direct"):
        _ = auth.direct
    with pytest.raises(NotInstalled, match=r"Auth\.direct"):
        _ = django.Auth().adirect


def test_where_the_app_is_mounted_and_base_url_have_to_agree(
    either: Make, caplog: pytest.LogCaptureFixture
) -> None:
    world = either("github", base_url="http://localhost/shop")
    browser = world.browser()
    answer = browser.get("/auth/sign-in/github")
    assert (answer.status, code_of(answer)) == (500, "config_invalid")
    assert "set VESTIBULE_BASE_URL to http://localhost." in caplog.text
    assert browser.do("sign_in").status == 500
    assert browser.cookies == {}


def mounted(framework: str, provider: TestProvider) -> Sending:
    """The app below `/shop` of another one."""
    settings: Any = {"base_url": f"{ORIGIN}/shop/", "cookie_passwords": [PASSWORD], "send": provider}
    site = build(framework, provider.client(), **settings)
    if framework == "flask":
        return over_wsgi(DispatcherMiddleware(site.app, {"/shop": site.app}))
    outer = FastAPI()
    outer.mount("/shop", site.app)
    return over_asgi(outer)


@pytest.mark.parametrize("framework", ["fastapi", "flask"])
def test_below_another_app_it_works_when_they_do(framework: str) -> None:
    provider = TestProvider("github", redirect_uris=[f"{ORIGIN}/shop/auth/callback/github"])
    send = mounted(framework, provider)
    cookies: dict[str, str] = {}

    def open_page(path: str) -> Answer:
        held = "; ".join(f"{name}={value}" for name, value in cookies.items())
        answer = send("GET", path.removeprefix(ORIGIN), {"Sec-Fetch-Mode": "navigate", "Cookie": held}, b"")
        for line in answer.set_cookies:
            name, _, value = line.partition(";")[0].partition("=")
            cookies[name] = value
        return answer

    turned_away = open_page("/shop/me")
    assert turned_away.location == "/shop/auth/sign-in?return_to=%2Fshop%2Fme"
    callback = provider.consent(open_page(turned_away.location).location)
    assert open_page(callback).location == "/shop/me"
    assert open_page("/shop/me").json["email"] == "ada@example.com"
    assert open_page("/shop/auth/sign-out").location == "/shop/"
    assert open_page("/shop/me").status == 303


def test_a_direct_app_is_asked_nothing_of_a_server(either: Make) -> None:
    world = either("github")
    entry: Any = world.auth
    browser = world.sign_in()
    assert browser.get("/auth/access-token").status == 404
    assert browser.get("/auth/organization").status == 404
    assert entry.config.url == "http://localhost"


def test_what_only_a_server_can_do_is_refused_by_name() -> None:
    app = Flask(__name__)
    flask.Auth.direct(app, github(**KEYS), **KNOWN)
    with app.test_request_context("/"):
        entry = flask.current_auth
        for ask in (entry.authorization_url, lambda: entry.save({"access_token": "x"})):
            with pytest.raises(ConfigError, match="no identity server") as caught:
                ask()
            assert caught.value.code == "direct_mode"
    world = World("flask", "github")
    browser = world.sign_in()
    with world.site.app.test_request_context(
        headers={"Cookie": f"vestibule-session={browser.cookies['vestibule-session']}"}
    ):
        with pytest.raises(Refused, match="update_session") as refused:
            flask.current_auth.switch_organization("org_1")
        assert refused.value.error == "direct_mode"
