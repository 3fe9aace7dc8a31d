"""A name and a password that the app looks at."""

import logging
from typing import Any

import pytest

from tests.direct.conftest import Make
from tests.direct.world import SESSION, World, code_of
from vestibule import Forbidden
from vestibule.direct import Credentials, DirectSignIn, hash_password
from vestibule.wire.models import User

ROUTE = "/auth/sign-in/credentials"


def authorize(credentials: Credentials) -> dict[str, str] | None:
    known = (credentials.username, credentials.password) == ("ada@example.com", "correct horse")
    return {"id": "u1", "email": credentials.username} if known else None


def test_wrong_names_and_wrong_passwords_look_the_same(either: Make) -> None:
    world = either(authorize=authorize)
    browser = world.browser()
    pairs = [("ada@example.com", "wrong"), ("nobody@example.com", "correct horse")]
    wrong = [browser.post_json(ROUTE, username=name, password=password) for name, password in pairs]
    assert [(each.status, each.json) for each in wrong] == [(401, wrong[0].json)] * 2
    assert code_of(wrong[0]) == "credentials_wrong"
    page = browser.post(ROUTE, username="<b>@example.com", password="battery staple", return_to="/me")
    assert page.status == 422
    assert 'role="alert"' in page.text
    assert 'value="&lt;b&gt;@example.com"' in page.text
    assert 'name="return_to" value="/me"' in page.text
    assert "battery" not in page.text
    assert browser.cookies == {}
    assert world.codes("session.sign_in_failed") == ["credentials_wrong"] * 3
    assert browser.post_json(ROUTE, email="ada@example.com", password="correct horse").status == 200
    assert browser.get("/me").json["id"] == "u1"
    htmx = {"HX-Request": "true", "Content-Type": "application/x-www-form-urlencoded"}
    body = b"username=ada%40example.com&password=correct+horse&return_to=/me"
    assert browser.send("POST", ROUTE, body, page=False, **htmx)["HX-Redirect"] == "/me"


def test_the_page_has_a_form_and_every_provider(either: Make) -> None:
    alone = either(authorize=authorize).browser().open("/auth/sign-in?return_to=/me")
    assert f'<form method="post" action="{ROUTE}">' in alone.text
    assert "Continue with" not in alone.text
    csp = alone["Content-Security-Policy"]
    assert "unsafe" not in csp
    assert "form-action 'self'" in csp
    both = either("github", authorize=authorize).browser()
    assert "Continue with GitHub" in both.open("/auth/sign-up").text
    assert both.get("/auth/providers").json == {
        "providers": [{"id": "github", "name": "GitHub", "sign_in_url": "/auth/sign-in/github"}],
        "password": True,
    }


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"username": "a"},
        {"password": "b"},
        {"username": " ", "password": "b"},
        {"username": "a" * 321, "password": "b"},
        {"username": "a", "password": "b" * 1025},
    ],
)
def test_what_is_missing_or_too_long_is_never_looked_at(fields: dict[str, str]) -> None:
    asked: list[Credentials] = []
    browser = World("flask", authorize=asked.append).browser()
    assert code_of(browser.post_json(ROUTE, **fields)) == "credentials_missing"
    assert browser.post(ROUTE, **fields).status == 422
    assert asked == []


def test_too_many_tries_for_one_name_have_to_wait(make: Make) -> None:
    asked: list[str] = []

    def count(credentials: Credentials) -> dict[str, str] | None:
        asked.append(credentials.username)
        return None

    world = make(authorize=count, credentials_rate="3/minute")
    browser = world.browser()
    for _ in range(3):
        assert browser.post(ROUTE, username="Ada@example.com", password="wrong").status == 422
    for name in ("ada@example.com", " ADA@example.com"):
        answer = browser.post_json(ROUTE, username=name, password="correct horse")
        assert (answer.status, code_of(answer)) == (429, "rate_limited")
        assert 0 < int(answer["Retry-After"]) <= 60
    assert browser.post(ROUTE, username="ada@example.com", password="correct horse").status == 429
    assert len(asked) == 3
    assert browser.post_json(ROUTE, username="grace@example.com", password="x").status == 401
    assert len(world.codes("request.rate_limited")) == 3


def test_what_authorize_answers_is_who_it_is() -> None:
    found: list[Any] = []
    world = World("flask", authorize=lambda credentials: found[0], error_page=None)
    known = {"id": 7, "email": "ada@example.com", "name": "Ada", "role": "admin", "permissions": ["a", "b"]}
    for answer, user_id in ((known, "7"), (User(id="u2", email="a@b.c"), "u2"), ({"id": "u3"}, "u3")):
        found[:] = [answer]
        browser = world.browser()
        assert browser.post_json(ROUTE, username="a", password="b").status == 200
        session = browser.get("/auth/session").json["session"]
        assert session["user"]["id"] == user_id
        assert (session["provider"], session["accounts"]) == (None, [])
        if answer is known:
            assert (session["role"], session["permissions"]) == ("admin", ["a", "b"])


@pytest.mark.parametrize(
    "found", [True, "u1", {"email": "a@b.c"}, {"id": True}, {"id": "u", "roles": "admin"}]
)
def test_what_authorize_must_not_answer_is_the_apps_mistake(
    either: Make, found: Any, caplog: pytest.LogCaptureFixture
) -> None:
    browser = either(authorize=lambda credentials: found).browser()
    with caplog.at_level(logging.ERROR, logger="vestibule"):
        answer = browser.post_json(ROUTE, username="a", password="b")
    assert answer.status == 500
    assert "config.invalid" in caplog.text
    assert browser.cookies == {}


def test_on_sign_in_has_the_last_word_here_too(either: Make) -> None:
    def on_sign_in(sign_in: DirectSignIn) -> None:
        assert (sign_in.profile, sign_in.tokens, sign_in.provider) == (None, None, None)
        if sign_in.session.user.id == "u1":
            raise Forbidden("Not today.", missing={})

    browser = either(authorize=authorize, on_sign_in=on_sign_in).browser()
    assert browser.post_json(ROUTE, username="ada@example.com", password="correct horse").status == 403
    assert browser.cookies == {}


def test_a_password_is_judged_by_its_hash_and_shown_to_nobody() -> None:
    credentials = Credentials(username="ada", password="correct horse")
    assert "correct" not in repr(credentials)
    stored = hash_password("correct horse")
    assert credentials.verify(stored)
    assert not credentials.verify(None)
    assert not Credentials(username="ada", password="x").verify(stored)


def test_an_app_may_say_where_every_sign_in_ends(either: Make) -> None:
    browser = either("github", authorize=authorize, return_path="/welcome").browser()
    fields = {"username": "ada@example.com", "password": "correct horse", "return_to": "/me"}
    assert browser.post_json(ROUTE, **fields).json == {"url": "/welcome"}
    assert browser.post(ROUTE, **fields).location == "/welcome"
    assert browser.sign_in(return_to="/me").location == "/welcome"


def test_without_authorize_there_is_no_such_route() -> None:
    browser = World("flask", "github").browser()
    assert browser.post_json(ROUTE, username="a", password="b").status == 405
    assert code_of(browser.get(ROUTE)) == "provider_unknown"
    assert SESSION not in browser.cookies
