"""The routes of Aura's wire, beyond what was recorded: settings, providers, frameworks, refusals."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.direct.aura.stage import MAIN, PAGE, PROVIDER, T0, Stage, answer_of, providers, signed_in
from tests.direct.conftest import Make
from vestibule.datastores import SqlDataStore
from vestibule.direct.aura import Aura, Jose
from vestibule.direct.linking import Link
from vestibule.errors import ConfigError
from vestibule.fastapi import Auth
from vestibule.oauth import github
from vestibule.testing import Lab


def test_a_trusted_origin_may_be_where_a_sign_in_ends() -> None:
    stage = Stage("trusted")
    assert stage.sign_in(query="?redirectTo=https://a.example.com/x").location == "https://a.example.com/x"
    assert stage.sign_in(query="?redirectTo=https://evil.example/x").location == "/"


def test_what_a_provider_knows_now_is_asked_and_its_tokens_can_be_ended() -> None:
    stage = signed_in(keep_tokens=True)
    stage.replies["/userinfo"] = answer_of(200, {"id": "fake-user-1", "name": "G. Hopper"})
    answer = stage.ask("POST", "/providers/fake/user/refresh", headers=stage.pair())
    assert answer.json["session"]["user"] == {"sub": "fake-user-1", "name": "G. Hopper"}
    stage.replies["/userinfo"] = answer_of(401, {"error": "gone"})
    assert stage.ask("POST", "/providers/fake/user/refresh", headers=stage.pair()).status == 502
    assert stage.ask("POST", "/providers/fake/tokens/revoke", headers=stage.pair()).json == {"success": True}
    assert stage.asked[-1].url == f"{PROVIDER}/revoke"


def test_an_account_is_disconnected_by_delete_and_by_post() -> None:
    gone: list[Link] = []
    stage = signed_in(keep_tokens=True, on_unlink=gone.append)
    assert stage.ask("DELETE", "/providers/fake", headers=stage.pair()).json == {"success": True}
    assert stage.ask("GET", "/providers/fake").json == {"success": True, "connected": True}
    _link(stage, "fake2")
    assert stage.ask("GET", "/providers/fake2").json["connected"] is True
    assert stage.ask("POST", "/providers/fake2/disconnect", headers=stage.pair()).json == {"success": True}
    assert stage.ask("GET", "/providers/fake2").json["connected"] is False
    assert [(link.provider, link.subject) for link in gone] == [("fake2", "fake-user-1")]


def _link(stage: Stage, name: str) -> None:
    begun = stage.ask("POST", f"/link/{name}", headers={"sec-fetch-site": "same-origin"})
    state = begun.json["url"].partition("state=")[2].partition("&")[0]
    assert stage.ask("GET", f"/callback/{name}?code=c&state={state}").status == 303


def test_what_is_not_there_is_said_in_auras_words() -> None:
    stage = signed_in()
    for method, path, status in (
        ("GET", "/providers/nope", 422),
        ("GET", "/providers/fake/nothing", 404),
        ("PUT", "/providers/fake", 405),
        ("POST", "/signUp", 404),
        ("POST", "/signIn/fake", 405),
        ("POST", "/csrfToken", 405),
        ("GET", "/signOut", 405),
        ("GET", "/callback/nope", 422),
        ("POST", "/callback/fake", 405),
        ("POST", "/signOut?redirect=maybe", 422),
        ("PATCH", "/session?redirect=maybe", 422),
        ("POST", "/signIn/credentials?redirect=maybe", 422),
    ):
        assert stage.ask(method, path).status == status, path


def test_a_person_gets_a_page_and_a_prefetch_nothing() -> None:
    stage = Stage()
    page = stage.ask("GET", "/callback/fake?code=c&state=x", headers=PAGE)
    assert (page.status, page.body[:15]) == (400, b"<!doctype html>")
    assert stage.ask("GET", "/signIn/fake", headers={**PAGE, "sec-purpose": "prefetch"}).status == 403
    moved = stage.ask("GET", "http://127.0.0.1:3000/api/auth/signIn/fake")
    assert moved.location == "http://localhost:3000/api/auth/signIn/fake"


def test_a_provider_that_cannot_be_found_is_told_to_scripts_and_shown_to_people() -> None:
    stage = Stage(replies={"/oidc/.well-known/openid-configuration": answer_of(200, {"issuer": "x"})})
    assert stage.ask("GET", "/signIn/oidc").json["code"] == "DISCOVERY_ISSUER"
    assert stage.ask("GET", "/signIn/oidc", headers=PAGE).status == 400


def test_names_and_passwords_that_are_none_are_refused() -> None:
    stage = Stage()
    long = f'{{"username":"ada","password":"{"x" * 2000}"}}'
    assert stage.ask("POST", "/signIn/credentials", headers=stage.pair(), body=long).status == 401
    assert stage.ask("POST", "/signIn/credentials", headers=stage.pair(), body="[]").status == 422


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ('{"user":{"name":7}}', "user.name"),
        ('{"user":[]}', "user"),
        ('{"expires":true}', "expires"),
        ('{"expires":"tomorrow"}', "expires"),
    ],
)
def test_changes_that_are_none_are_named(body: str, named: str) -> None:
    stage = signed_in()
    answer = stage.ask("PATCH", "/session", headers=stage.pair(), body=body)
    assert (answer.status, list(answer.json["details"])) == (422, [named])


def test_a_browser_may_end_its_session_earlier() -> None:
    stage = signed_in()
    body = f'{{"expires":{(T0 + 60) * 1000}}}'
    stage.ask("PATCH", "/session?redirect=false", headers=stage.pair(), body=body)
    stage.now += 60
    assert stage.ask("GET", "/session").status == 401


def test_every_missing_setting_is_named_at_once() -> None:
    aura = Aura(secret="short", old_secrets=("short too",))
    with pytest.raises(ConfigError) as refusal:
        Stage(settings={"aura": aura, "base_url": "nowhere"}).ask("GET", "/session")
    for named in ("AURA_AUTH_SECRET", "AURA_AUTH_SALT", "old_secrets", "base_url"):
        assert named in refusal.value.message
    with pytest.raises(ConfigError, match="AURA_AUTH_SALT"):
        Stage(settings={"aura": Aura(secret=MAIN["secret"])}).ask("GET", "/session")


def test_the_environment_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AURA_SECRET", MAIN["secret"])
    monkeypatch.setenv("AURA_AUTH_SALT", MAIN["salt"])
    monkeypatch.setenv("BASE_URL", "https://app.example.com")
    client = github(client_id="a", client_secret="b")
    stage = Stage(settings={"aura": Aura(), "base_url": None, "providers": [client]})
    assert stage.way.jose.decode_jwt(stage.way.jose.encode_jwt({"sub": "u"}))["sub"] == "u"
    assert stage.ask("GET", "/csrfToken").cookies.keys() == {"__Host-aura-auth.csrf_token"}
    theirs = Jose(MAIN["secret"], MAIN["salt"], clock=lambda: T0).encode_jwt({"sub": "u"})
    assert stage.way.jose.decode_jwt(theirs)["sub"] == "u"


def test_our_own_routes_are_there_too() -> None:
    stage = Stage()
    assert stage.ask("GET", "/sign-in/fake").status == 303
    assert stage.ask("GET", "/providers").json["password"] is True
    assert stage.ask("GET", "/client.js").status == 200
    assert stage.ask("OPTIONS", "/session").status == 405


def test_a_provider_may_come_back_by_a_form() -> None:
    fake, *_ = providers()
    posting = replace(fake, template=replace(fake.template, response_mode="form_post"))
    stage = Stage(settings={"providers": [posting]})
    begun = stage.ask("GET", "/signIn/fake?redirectTo=/dashboard")
    state = (begun.location or "").partition("state=")[2].partition("&")[0]
    form = {"content-type": "application/x-www-form-urlencoded", "origin": PROVIDER, "cookie": ""}
    posted = stage.ask("POST", "/callback/fake", headers=form, body=f"code=c&state={state}")
    assert posted.status == 303
    assert stage.ask("GET", posted.location or "").location == "/dashboard"


def test_pages_of_trusted_origins_may_ask() -> None:
    stage = Stage("trusted")
    sent = {"origin": "https://exact.example.org", "access-control-request-method": "PATCH"}
    allowed = stage.ask("OPTIONS", "/session", headers=sent)
    assert (allowed.status, dict(allowed.headers)["Access-Control-Allow-Origin"]) == (204, sent["origin"])
    assert "x-csrf-token" in dict(allowed.headers)["Access-Control-Allow-Headers"]


def test_auras_client_has_a_day_in_each_framework(make: Make) -> None:
    world = make("github", aura=Aura(secret=MAIN["secret"], salt=MAIN["salt"]))
    browser = world.browser()
    assert browser.get("/auth/session").status == 401
    hop = browser.get("/auth/signIn/github?redirectTo=%2Fme&redirect=false").json["signInURL"]
    back = browser.open(browser.agree(browser.open(hop).location), site="cross-site")
    assert (back.status, back.location) == (302, "/me")
    assert browser.cookies.keys() == {"aura-auth.session_token", "aura-auth.csrf_token"}
    me = browser.get("/me").json
    pair = {"X-CSRF-Token": browser.get("/auth/csrfToken").json["csrfToken"]}
    change = b'{"user":{"name":"Rear Admiral"}}'
    plain = {**pair, "Content-Type": "text/plain;charset=UTF-8"}
    changed = browser.send("PATCH", "/auth/session?redirect=false", change, page=False, **plain)
    assert changed.json["session"]["user"]["name"] == "Rear Admiral"
    shown = browser.get("/auth/session").json["session"]["user"]
    assert (me["id"], shown["email"]) == (f"github:{shown['sub']}", "ada@example.com")
    assert browser.get("/auth/providers/github").json == {"success": True, "connected": True}
    refused = browser.send("DELETE", "/auth/providers/github", page=False)
    assert refused.status == 403
    left = browser.send("POST", "/auth/signOut?redirectTo=undefined&redirect=false", page=False, **pair)
    assert left.status == 202
    assert browser.cookies == {}
    assert browser.get("/me").status == 401


def test_the_laboratory_needs_no_secrets(auth_lab: Lab) -> None:
    app = FastAPI()
    Auth.direct(app, "github", aura=True)
    client = TestClient(app)
    auth_lab.sign_in(client, email="grace@example.com")
    assert client.get("/auth/session").json()["session"]["user"]["email"] == "grace@example.com"


def test_a_store_that_is_away_signs_nobody_out(tmp_path: Path) -> None:
    store = SqlDataStore(lambda: sqlite3.connect(tmp_path / "ended.db"))
    stage = signed_in(revocations=store)
    (tmp_path / "ended.db").mkdir()
    assert stage.ask("GET", "/session").status == 503
