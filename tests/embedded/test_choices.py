"""Settings of an app with the server inside: from where they come, and what is said about wrong ones."""

import json
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.embedded.apps import ORIGIN, Built
from tests.embedded.people import sign_up
from tests.server.hosted import follow
from vestibule.errors import ConfigError, NotInstalled
from vestibule.flask import Auth
from vestibule.server.identity.api_keys import list_api_keys, revoke_api_key
from vestibule.server.identity.environment import get_environment
from vestibule.server.identity.paging import Page
from vestibule.server.identity.redirect_uris import list_redirect_uris
from vestibule.server.settings import EmbeddedSettings
from vestibule.session.config import Config

SECRETS = {
    "VESTIBULE_SERVER_SECRET": "a-secret-that-only-these-tests-know-of",
    "VESTIBULE_COOKIE_PASSWORD": "a-password-that-only-these-tests-know",
}
PUBLIC = "https://app.example.com/callback"


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets variables, in an empty working directory."""
    monkeypatch.chdir(tmp_path)

    def put(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return put


@pytest.fixture
def embedded() -> Iterator[Callable[..., Auth]]:
    made: list[Auth] = []

    def one(**settings: Any) -> Auth:
        made.append(Auth.embedded(Flask(__name__), **settings))
        return made[-1]

    yield one
    for each in made:
        each.transport.close()


def problems(auth: Auth) -> str:
    with pytest.raises(ConfigError) as caught:
        _ = auth.config
    return "\n".join(caught.value.problems)


def test_the_app_is_registered_by_its_own_settings(make: Callable[..., Built]) -> None:
    auth = make("flask", home="/start", prefix="/account").auth
    registered = list_redirect_uris(auth.identity, Page(limit=10)).data
    assert [(each.uri, each.is_default) for each in registered] == [(f"{ORIGIN}/callback", True)]
    place = get_environment(auth.identity)
    assert place.client_id == auth.config.client_id
    assert place.app_homepage_url == place.sign_out_redirect == f"{ORIGIN}/start"
    assert place.initiate_login_url == f"{ORIGIN}/account/sign-in"


def test_an_app_that_moved_is_registered_anew(make: Callable[..., Built]) -> None:
    make("flask").auth.config  # noqa: B018 - begins the server
    moved = make("flask", redirect_uri="http://localhost:9000/auth/callback").auth
    registered = list_redirect_uris(moved.identity, Page(limit=10)).data
    assert {each.uri: each.is_default for each in registered} == {
        "http://localhost:9000/auth/callback": True,
        f"{ORIGIN}/callback": False,
    }


def test_a_redirect_uri_that_is_computed_is_registered_as_it_is_used(make: Callable[..., Built]) -> None:
    uris = [f"{ORIGIN}/callback"]
    built = make("flask", redirect_uri=lambda: uris[-1])
    with built.browser() as browser:
        assert "Sign in" in follow(browser, browser.get("/auth/sign-in")).text
        uris.append(f"{ORIGIN}/preview/callback")
        assert "Sign in" in follow(browser, browser.get("/auth/sign-in")).text


def test_HH_1_one_that_is_computed_for_another_address_is_not_registered(make: Callable[..., Built]) -> None:
    uris = [f"{ORIGIN}/callback"]
    auth = make("flask", redirect_uri=lambda: uris[-1]).auth
    registered = list_redirect_uris(auth.identity, Page(limit=10)).data
    for uri in (
        "https://evil.example/callback",
        f"{ORIGIN}.evil.example/callback",
        f"{ORIGIN}@evil.example/",
    ):
        uris.append(uri)
        with pytest.raises(ConfigError, match="evil"):
            auth.config.callback_url()
    uris.append("nowhere")
    with pytest.raises(ConfigError, match="nowhere"):
        auth.config.callback_url()
    assert list_redirect_uris(auth.identity, Page(limit=10)).data == registered


def test_secrets_of_development_are_made_once_and_readable_by_their_owner_only(
    env: Callable[..., None], embedded: Callable[..., Auth], tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    settings = {"database": "sqlite:///data/auth.db", "redirect_uri": f"{ORIGIN}/callback"}
    first = embedded(**settings).config
    kept = tmp_path / "data" / ".vestibule" / "state.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert (kept.parent / ".gitignore").read_text() == "*\n"
    assert (tmp_path / "data" / "auth.db").stat().st_mode & 0o777 == 0o600
    assert first.cookie_passwords == (json.loads(kept.read_text())["cookie_password"],)
    again = embedded(**settings).config
    assert (again.client_id, again.api_key, again.cookie_passwords) == (
        first.client_id,
        first.api_key,
        first.cookie_passwords,
    )


def test_in_production_every_missing_secret_is_named_at_once(
    env: Callable[..., None], embedded: Callable[..., Auth], tmp_path: Path
) -> None:
    env(VESTIBULE_REDIRECT_URI=PUBLIC)
    said = problems(embedded())
    assert "VESTIBULE_SERVER_SECRET is not set: make one with `vestibule keygen`" in said
    assert "VESTIBULE_COOKIE_PASSWORD is not set" in said
    env(VESTIBULE_SERVER_ENVIRONMENT="production")
    said = problems(embedded())
    assert "VESTIBULE_SERVER_SECRET is not set" in said
    assert "VESTIBULE_SERVER_SMTP_URL is not set" in said
    assert list(tmp_path.iterdir()) == []


def test_with_its_secrets_it_is_no_development_server(
    env: Callable[..., None], embedded: Callable[..., Auth]
) -> None:
    env(VESTIBULE_REDIRECT_URI=PUBLIC, **SECRETS)
    auth = embedded()
    assert auth.config.url == "https://app.example.com/id"
    settings = auth.identity.settings
    assert (settings.development, settings.secure, settings.origin) == (
        False,
        True,
        "https://app.example.com",
    )
    client = auth_client(auth)
    assert client.get("/id/dev/inbox", base_url="https://app.example.com").status_code == 404
    page = client.get(
        "/auth/sign-in",
        base_url="https://app.example.com",
        follow_redirects=True,
        headers={"accept": "text/html"},
    )
    assert client.get_cookie("__Host-vestibule-browser", domain="app.example.com") is not None
    assert page.headers["Strict-Transport-Security"]
    assert "/id/sign-in?login=" in page.text


def auth_client(auth: Auth) -> Any:
    """The test client of the app that has it."""
    app = Flask(__name__)
    auth.init_app(app)
    return app.test_client()


def test_the_environment_and_the_dotenv_win_over_the_code(
    env: Callable[..., None], embedded: Callable[..., Auth], tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(
        f"VESTIBULE_REDIRECT_URI={ORIGIN}/callback\nVESTIBULE_SERVER_DATABASE=sqlite:///from-file.db\n"
        "VESTIBULE_SERVER_ACCESS_TOKEN_SECONDS=100\n"
    )
    env(VESTIBULE_SERVER_ACCESS_TOKEN_SECONDS="120")
    settings = embedded(
        database="sqlite:///from-code.db", access_token_seconds=80, sign_up=False
    ).identity.settings
    assert settings.database == "sqlite:///from-file.db"
    assert settings.access_token_seconds == 120
    assert settings.sign_up is False


def test_what_is_said_about_another_server_does_not_count(
    env: Callable[..., None], embedded: Callable[..., Auth]
) -> None:
    env(
        VESTIBULE_REDIRECT_URI=f"{ORIGIN}/callback",
        VESTIBULE_URL="https://id.example.com",
        VESTIBULE_CLIENT_ID="client_elsewhere",
        VESTIBULE_API_KEY="sk_test_elsewhere",
        VESTIBULE_ISSUER="https://id.example.com",
    )
    config = embedded().config
    assert (config.url, config.issuers) == (f"{ORIGIN}/id", (f"{ORIGIN}/id",))
    assert config.client_id.startswith("client_0")
    assert config.api_key is not None
    assert "elsewhere" not in config.api_key


@pytest.mark.parametrize("name", ["url", "client_id", "api_key", "issuer", "profile", "config", "send"])
def test_what_the_server_decides_cannot_be_given(name: str) -> None:
    with pytest.raises(ConfigError, match=f"`{name}` is not for `Auth.embedded`"):
        Auth.embedded(Flask(__name__), **{name: "anything"})


def test_no_name_is_a_setting_of_both() -> None:
    ours, theirs = ({each.name for each in fields(kind)} for kind in (EmbeddedSettings, Config))
    assert ours & theirs == set()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("id", "server_path is a path such as /id, not 'id'"),
        ("/id/", "server_path is a path such as /id"),
        ("/", "server_path is a path such as /id"),
        ("/auth", "server_path /auth would take the routes of `Auth` at /auth"),
        ("/callback", "server_path /callback would take the callback at /callback"),
    ],
)
def test_a_path_that_cannot_be_is_refused(
    path: str, said: str, env: Callable[..., None], embedded: Callable[..., Auth]
) -> None:
    assert said in problems(embedded(server_path=path, redirect_uri=f"{ORIGIN}/callback"))


@pytest.mark.parametrize("url", ["https://id.example.com/id", f"{ORIGIN}/door", f"{ORIGIN}/id/door"])
def test_the_server_is_where_the_app_is(
    url: str, env: Callable[..., None], embedded: Callable[..., Auth]
) -> None:
    env(VESTIBULE_SERVER_PUBLIC_URL=url)
    said = problems(embedded(redirect_uri=f"{ORIGIN}/callback"))
    assert f"the app has the server inside at {ORIGIN}/id. `unset VESTIBULE_SERVER_PUBLIC_URL`" in said


def test_another_secret_than_the_databases_is_named(
    env: Callable[..., None], embedded: Callable[..., Auth]
) -> None:
    env(VESTIBULE_REDIRECT_URI=f"{ORIGIN}/callback", **SECRETS)
    first = embedded()
    _ = first.config
    first.transport.close()
    env(VESTIBULE_SERVER_SECRET="another-secret-that-only-these-tests-know")
    with pytest.raises(ConfigError) as caught:
        _ = embedded().config
    assert caught.value.code == "secret_changed"


def test_a_callback_that_the_server_would_refuse_is_named(
    env: Callable[..., None], embedded: Callable[..., Auth]
) -> None:
    assert "cannot send anybody to http://LOCALHOST" in problems(
        embedded(redirect_uri="http://LOCALHOST:8000/cb")
    )


def test_settings_of_the_server_reach_it(make: Callable[..., Built]) -> None:
    built = make("flask", sign_up=False)
    with built.browser() as browser:
        page = follow(browser, browser.get("/auth/sign-up"))
        assert "Sign-up is by invitation" in page.text


def test_the_rules_need_the_server_inside() -> None:
    with pytest.raises(NotInstalled, match="The server is elsewhere"):
        _ = Auth(Flask(__name__)).identity


def test_an_app_under_a_path_says_so_in_the_public_url(
    env: Callable[..., None], make: Callable[..., Built]
) -> None:
    """A proxy has put it there, and takes the path off before it hands requests on."""
    env(VESTIBULE_SERVER_PUBLIC_URL=f"{ORIGIN}/shop/id")
    built = make("starlette", redirect_uri=f"{ORIGIN}/shop/callback")
    with built.browser() as browser:
        to_server = browser.get("/auth/sign-in").headers["location"]
        assert to_server.startswith(f"{ORIGIN}/shop/id/user_management/authorize?")
        page = browser.get(to_server.replace("/shop", "", 1))
        assert page.headers["location"].startswith("/shop/id/continue?")
    assert get_environment(built.auth.identity).initiate_login_url == f"{ORIGIN}/shop/auth/sign-in"


def test_a_sign_up_works_with_nothing_but_the_redirect_uri(
    env: Callable[..., None], make: Callable[..., Built], tmp_path: Path
) -> None:
    env(VESTIBULE_REDIRECT_URI=f"{ORIGIN}/callback")
    built = make("flask", redirect_uri=None)
    with built.browser() as browser:
        assert sign_up(browser, "ada@example.com").text == "home"


def test_one_kept_secret_is_enough_when_the_other_is_set(
    env: Callable[..., None], embedded: Callable[..., Auth], tmp_path: Path
) -> None:
    env(VESTIBULE_REDIRECT_URI=f"{ORIGIN}/callback")
    for name, value in SECRETS.items():
        env(**{name: value})
        config = embedded().config
        assert config.cookie_passwords
        if name == "VESTIBULE_SERVER_SECRET":
            kept = json.loads((tmp_path / ".vestibule" / "state.json").read_text())
            assert config.cookie_passwords == (kept["cookie_password"],)
    assert config.cookie_passwords == (SECRETS["VESTIBULE_COOKIE_PASSWORD"],)


def test_a_cookie_password_alone_leaves_the_servers_secret_to_be_kept(
    env: Callable[..., None], embedded: Callable[..., Auth], tmp_path: Path
) -> None:
    password = SECRETS["VESTIBULE_COOKIE_PASSWORD"]
    env(VESTIBULE_REDIRECT_URI=f"{ORIGIN}/callback", VESTIBULE_COOKIE_PASSWORD=password)
    auth = embedded()
    secret = auth.identity.settings.secret
    kept = json.loads((tmp_path / ".vestibule" / "state.json").read_text())
    assert secret == kept["secret"]
    assert auth.config.cookie_passwords == (password,)


@pytest.mark.parametrize(
    "url",
    [
        ORIGIN,
        f"{ORIGIN}/",
        f"{ORIGIN}/id/",
        f"{ORIGIN}//id",
        f"{ORIGIN}/id?a=b",
        f"{ORIGIN}/a b",
        "http://[::1",
    ],
)
def test_a_public_url_without_a_path_is_no_place_in_an_app(
    url: str, env: Callable[..., None], embedded: Callable[..., Auth]
) -> None:
    env(VESTIBULE_SERVER_PUBLIC_URL=url)
    assert "VESTIBULE_SERVER_PUBLIC_URL" in problems(embedded(redirect_uri=f"{ORIGIN}/callback"))


def test_a_revoked_key_of_the_app_is_named(env: Callable[..., None], embedded: Callable[..., Auth]) -> None:
    env(VESTIBULE_REDIRECT_URI=f"{ORIGIN}/callback")
    first = embedded()
    (key,) = list_api_keys(first.identity)
    revoke_api_key(first.identity, key.id)
    first.transport.close()
    with pytest.raises(ConfigError) as caught:
        _ = embedded().config
    assert caught.value.code == "api_key_revoked"
