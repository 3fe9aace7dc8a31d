"""What is wrong with Aura, by the letters of its findings, and is not with us."""

import sqlite3
from pathlib import Path

import pytest

from tests.direct.aura.aura_vectors import vectors
from tests.direct.aura.stage import MAIN, PAGE, T0, Answer, Stage, answer_of, signed_in
from vestibule.datastores import SqlDataStore
from vestibule.direct.aura.keys import AuraKeys
from vestibule.direct.aura.tokens import AuraTokens

REPLY_HEADERS = {
    "cache-control",
    "content-security-policy",
    "content-type",
    "expires",
    "pragma",
    "referrer-policy",
    "vary",
    "x-content-type-options",
    "x-frame-options",
}


def names(answer: Answer) -> set[str]:
    return {name.lower() for name, _ in answer.headers if name != "Set-Cookie"}


def test_finding_A_no_header_of_a_request_comes_back() -> None:
    stage = signed_in()
    hostile = {"cache-control": "max-age=9", "content-type": "text/html", "x-frame-options": "ALLOWALL"}
    for method, path in (("GET", "/session"), ("POST", "/signOut"), ("GET", "/providers/fake")):
        answer = stage.ask(method, path, headers={**hostile, "x-custom": "mine", "content-length": "0"})
        assert names(answer) == REPLY_HEADERS
        assert stage.jar["aura-auth.session_token"] not in str(answer.headers)
        assert dict(answer.headers)["Content-Type"] == "application/json"
        assert dict(answer.headers)["X-Frame-Options"] == "DENY"
    assert stage.ask("GET", "/session").json["authenticated"] is True


def test_finding_B_a_reply_has_no_length_of_the_request() -> None:
    answer = Stage().ask("POST", "/signOut", headers={"content-length": "0"})
    assert answer.status == 403
    assert answer.body
    assert "content-length" not in names(answer)


def test_finding_C_the_settings_alone_decide_which_cookie_it_is() -> None:
    stage = signed_in(Stage("https"))
    assert "__Secure-aura-auth.session_token" in stage.jar
    plain = stage.ask("GET", "http://app.example.com/api/auth/session")
    assert plain.json["success"] is True
    assert stage.ask("GET", "https://app.example.com/api/auth/session").json["success"] is True


@pytest.mark.parametrize("cookie", ["a.b.c", "abc.def.ghi", "%ff", "", "é"])
def test_finding_D_a_damaged_cookie_is_refused_and_ends_nothing(cookie: str) -> None:
    stage = Stage()
    sent = {"cookie": f"aura-auth.csrf_token={cookie}", "x-csrf-token": cookie}
    body = '{"username":"ada@example.com","password":"correct horse"}'
    for method, path in (
        ("POST", "/signIn/credentials"),
        ("POST", "/signOut"),
        ("DELETE", "/providers/fake"),
        ("POST", "/providers/fake/user/refresh"),
        ("POST", "/providers/fake/tokens/revoke"),
    ):
        assert stage.ask(method, path, headers=sent, body=body).status in (401, 403)
    assert stage.ask("GET", "/session").status == 401


def test_finding_E_claims_of_the_token_are_no_part_of_the_user() -> None:
    stage = signed_in()
    assert set(stage.ask("GET", "/session").json["session"]["user"]) == {"sub", "name", "image", "email"}


def test_finding_F_a_cookie_lives_as_long_as_its_session_and_pairs_have_their_own_time() -> None:
    stage = signed_in(lifetime=1000)
    answer = stage.sign_in()
    assert answer.cookies["aura-auth.session_token"][1]["Max-Age"] == "1000"
    assert answer.cookies["aura-auth.csrf_token"][1]["Max-Age"] == "1296000"
    stage.now += 500
    changed = stage.ask(
        "PATCH", "/session?redirect=false", headers=stage.pair(), body='{"user":{"name":"N"}}'
    )
    assert changed.json["session"]["expires"] == "2026-01-15T12:16:40.000Z"
    stage.now += 500
    assert stage.ask("GET", "/session").status == 401


def test_finding_G_a_form_goes_on_and_a_script_stays() -> None:
    for headers, status in ((PAGE, 302), ({}, 202)):
        stage = signed_in()
        sent = {**stage.pair(), **headers, "referer": "http://localhost:3000/profile"}
        assert stage.ask("POST", "/signOut", headers=sent).status == status


def test_finding_H_a_forged_callback_disturbs_no_sign_in_under_way() -> None:
    stage = Stage()
    begun = stage.ask("GET", "/signIn/fake?redirectTo=/dashboard")
    assert stage.ask("GET", "/callback/fake?code=c&state=attacker").status == 400
    state = (begun.location or "").partition("state=")[2].partition("&")[0]
    assert stage.ask("GET", f"/callback/fake?code=c&state={state}").location == "/dashboard"


def test_finding_H_signing_out_forgets_the_tokens_of_providers() -> None:
    stage = signed_in(keep_tokens=True)
    assert "aura-auth.session_token-fake" in stage.jar
    assert stage.ask("POST", "/signOut?redirectTo=/", headers=stage.pair()).location == "/"
    assert stage.jar == {}


def test_finding_I_a_browser_changes_neither_who_it_is_nor_its_address() -> None:
    stage = signed_in()
    body = (
        '{"user":{"name":"Rear Admiral","image":null,"email":"ceo@example.com","sub":"root","role":"admin"}}'
    )
    answer = stage.ask("PATCH", "/session?redirect=false", headers=stage.pair(), body=body)
    assert answer.json["session"]["user"] == {
        "sub": "fake-user-1",
        "name": "Rear Admiral",
        "email": "grace@example.com",
    }
    kept = stage.kept()
    assert kept is not None
    assert (kept.user.id, kept.user.email) == ("fake:fake-user-1", "grace@example.com")


def test_finding_J_behind_a_proxy_the_settings_say_where_the_app_is() -> None:
    begun = Stage("https").ask("GET", "/signIn/fake", headers={"host": "evil.example"})
    assert "redirect_uri=https%3A%2F%2Fapp.example.com%2Fapi%2Fauth%2Fcallback%2Ffake" in (
        begun.location or ""
    )


def test_CS_3_a_pair_of_one_session_is_no_use_in_another() -> None:
    grace, mallory = signed_in(), signed_in()
    sent = {**mallory.pair(), "cookie": ""}
    tossed = f"aura-auth.csrf_token={mallory.jar['aura-auth.csrf_token']}"
    sent["cookie"] = f"aura-auth.session_token={grace.jar['aura-auth.session_token']}; {tossed}"
    assert grace.ask("POST", "/signOut", headers=sent).status == 403
    pair = grace.pair()["x-csrf-token"]
    assert grace.ask("POST", f"/signOut?x-csrf-token={pair}").status == 403
    assert grace.ask("GET", "/session").status == 200


def test_CS_2_nothing_changes_by_get() -> None:
    stage = signed_in()
    for path in ("/signOut", "/signOut?_method=POST", "/providers/fake/disconnect"):
        assert stage.ask("GET", path, headers=stage.pair()).status == 405
        assert stage.ask("HEAD", path, headers=stage.pair()).status == 405
    assert stage.ask("GET", "/session").status == 200


def test_CS_1_CS_4_a_page_of_another_site_changes_nothing() -> None:
    stage = signed_in()
    sent = {**stage.pair(), "origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    assert stage.ask("POST", "/signOut", headers=sent).status == 403
    plain = {**sent, "content-type": "text/plain"}
    assert stage.ask("PATCH", "/session", headers=plain, body='{"user":{"name":"N"}}').status == 403
    login = '{"username":"ada@example.com","password":"correct horse"}'
    assert stage.ask("POST", "/signIn/credentials", headers=plain, body=login).status == 403
    assert stage.ask("GET", "/session").json["session"]["user"]["name"] == "Grace Hopper"


def test_tokens_of_a_provider_are_for_scripts_that_may_have_them_and_brought_the_pair() -> None:
    stage = signed_in(keep_tokens=True)
    assert stage.ask("GET", "/providers/fake/tokens", headers=stage.pair()).status == 403
    stage = signed_in(keep_tokens=True, browser_provider_tokens=True)
    assert stage.ask("GET", "/providers/fake/tokens").status == 403
    answer = stage.ask("GET", "/providers/fake/tokens", headers=stage.pair())
    assert answer.json["tokens"] == {
        "accessToken": "at_fake_1",
        "expiresAt": T0 + 3600,
        "tokenType": "Bearer",
        "scopes": ["email", "profile"],
    }
    assert stage.ask("GET", "/providers/fake2/tokens", headers=stage.pair()).status == 401


def test_an_address_that_github_keeps_private_is_asked_for() -> None:
    addresses = [{"email": "octo@example.com", "primary": True, "verified": True}]
    stage = Stage(replies={"/gh/emails": answer_of(200, addresses)})
    stage.sign_in("github")
    assert stage.ask("GET", "/session").json["session"]["user"]["email"] == "octo@example.com"


def test_two_providers_with_one_number_are_two_people() -> None:
    """On the wire both are `7`, as Aura has it; the app is told whose."""
    stage = Stage(replies={"/userinfo": answer_of(200, {"id": 7}), "/gh/user": answer_of(200, {"id": 7})})
    ids = []
    for provider in ("fake", "github"):
        stage.sign_in(provider)
        kept = stage.kept()
        assert kept is not None
        ids.append(kept.user.id)
        assert stage.ask("GET", "/session").json["session"]["user"]["sub"] == "7"
    assert ids == ["fake:7", "github:7"]


def test_a_session_of_auras_is_one_of_ours_and_the_reverse() -> None:
    token = next(case for case in vectors()["tokens"]["cases"] if case["id"] == "sealed_basic")["token"]
    stage = Stage()
    theirs = stage.kept(token)
    assert theirs is not None
    assert (theirs.user.id, theirs.user.name, theirs.provider) == ("user_1", "Ada Lovelace", None)
    ours = signed_in(on_link=None)
    aura = AuraTokens((AuraKeys.derive(MAIN["secret"], MAIN["salt"]),))
    claims = aura.read(ours.jar["aura-auth.session_token"], now=T0)
    assert claims["sub"] == "fake-user-1"
    again = ours.kept()
    assert again is not None
    assert again.accounts == {"fake": "fake-user-1"}
    assert ours.kept(aura.write({"sub": "u", "email": "none"}, now=T0)) is None
    assert ours.kept("nonsense") is None


def test_an_address_that_aura_would_refuse_stays_ours() -> None:
    stage = Stage(replies={"/userinfo": answer_of(200, {"id": 7, "email": "grüße@example.com"})})
    stage.sign_in()
    assert stage.ask("GET", "/session").json["session"]["user"] == {"sub": "7"}
    kept = stage.kept()
    assert kept is not None
    assert kept.user.email == "grüße@example.com"


def test_a_session_can_be_ended_before_its_time(tmp_path: Path) -> None:
    store = SqlDataStore(lambda: sqlite3.connect(tmp_path / "ended.db"))
    stage = signed_in(revocations=store)
    stolen = dict(stage.jar)
    stage.ask("POST", "/signOut?redirectTo=/", headers=stage.pair())
    other = Stage(settings={"revocations": store}, jar=stolen)
    assert other.ask("GET", "/session").status == 401


def test_too_many_tries_are_counted_in_auras_words() -> None:
    stage = Stage(settings={"credentials_rate": "1/minute"})
    body = '{"username":"ada@example.com","password":"wrong"}'
    answers = [stage.ask("POST", "/signIn/credentials", headers=stage.pair(), body=body) for _ in range(2)]
    assert [answer.status for answer in answers] == [401, 429]
    assert answers[1].json["error"] == "Too Many Requests"
    assert dict(answers[1].headers)["Retry-After"].isdigit()
