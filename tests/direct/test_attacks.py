"""Sign-ins that somebody else has a hand in: state, callback, return path, mix-up."""

from typing import Any

import pytest

from tests.direct.conftest import Make
from tests.direct.world import ORIGIN, SESSION, World, code_of, query_of
from vestibule import LoginError
from vestibule.direct import Credentials, DirectSignIn
from vestibule.oauth.transaction import cookie_name

AWAY = [
    "//evil.example",
    "/\\evil.example",
    "https:evil.example",
    "https://evil.example/x",
    "///evil.example",
]
AWAY += ["/\t/evil.example", "javascript:alert(1)", "data:text/html,x", "/..//evil.example", "x" * 70_000]


def test_PS_1_a_callback_belongs_to_the_browser_that_began(either: Make) -> None:
    world = either("github")
    mallory, ada = world.browser(), world.browser()
    callback = mallory.agree(mallory.begin(), email="mallory@example.net")
    ada.begin()  # she has a sign-in of her own under way
    answer = ada.get(callback)
    assert (answer.status, code_of(answer)) == (400, "state_mismatch")
    assert ada.email is None
    state = query_of(callback)["state"]
    changed = callback.replace(state, state[:-1] + ("A" if state[-1] != "A" else "B"))
    assert code_of(mallory.get(changed)) == "state_mismatch"
    assert world.providers["github"].requests == []


def test_PS_1_a_cookie_under_anothers_name_does_not_count() -> None:
    world = World("flask", "github")
    browser = world.browser()
    first, second = browser.agree(browser.begin()), browser.agree(browser.begin())
    names = [cookie_name(query_of(each)["state"]) for each in (first, second)]
    browser.cookies = {names[0]: browser.cookies[names[1]]}
    assert code_of(browser.get(first)) == "state_mismatch"
    assert browser.pending == []


def test_PS_2_without_its_cookie_a_sign_in_says_what_may_have_kept_it_away(either: Make) -> None:
    world = either("github")
    browser = world.browser()
    callback = browser.agree(browser.begin(return_to="/me"))
    browser.cookies.clear()
    answer = browser.get(callback)
    assert code_of(answer) == "verifier_cookie_missing"
    assert "proxies" in answer.json["error"]["hint"]
    page = browser.open(callback, site="cross-site")
    assert page.status == 400
    assert 'href="/auth/sign-in' in page.text
    assert world.providers["github"].requests == []
    assert browser.get("/auth/callback/github?code=x").json["error"]["code"] == "state_missing"


def test_PS_3_a_sign_in_lasts_ten_minutes() -> None:
    world = World("flask", "github")
    browser = world.browser()
    callback = browser.agree(browser.begin())
    held = dict(browser.cookies)
    world.clock.advance(seconds=601)
    assert code_of(browser.get(callback)) == "state_expired"
    assert browser.cookies == {}
    browser.cookies = dict(held)
    world.clock.advance(seconds=-601 - 62)
    assert code_of(browser.get(callback)) == "state_expired"
    browser.cookies = dict(held)
    world.clock.advance(seconds=62 + 599)
    assert browser.open(callback).location == "/"


def test_PS_4_an_error_of_the_provider_is_shown_as_text(either: Make) -> None:
    browser = either("github").browser()
    state = query_of(browser.begin())["state"]
    said = "error=access_denied&error_description=%3Cscript%3Ealert(1)%3C/script%3E"
    page = browser.open(f"/auth/callback/github?{said}&state={state}", site="cross-site")
    assert page.status == 400
    assert "<script>alert" not in page.text
    assert browser.cookies == {}


def test_PS_5_the_same_callback_again_exchanges_nothing(either: Make) -> None:
    world = either("github")
    browser = world.browser()
    callback = browser.agree(browser.begin(return_to="/me"))
    assert browser.open(callback, site="cross-site").location == "/me"
    session = browser.cookies[SESSION]
    again = browser.open(callback, site="cross-site")
    assert (again.status, again.location) == (303, "/")
    assert len(world.providers["github"].requests_to("access_token")) == 1
    assert browser.cookies[SESSION] == session
    late = browser.agree(browser.begin())
    world.clock.advance(minutes=11)
    assert code_of(browser.get(late)) == "state_expired"  # that is no second opening
    browser.cookies.pop(SESSION)
    assert code_of(browser.get(callback)) == "verifier_cookie_missing"


def test_PS_6_three_tabs_finish_in_reverse() -> None:
    browser = World("flask", "github").browser()
    callbacks = [browser.agree(browser.begin(return_to=f"/{tab}")) for tab in range(3)]
    assert [browser.open(each).location for each in reversed(callbacks)] == ["/2", "/1", "/0"]
    assert browser.pending == []


def test_PS_7_abandoned_sign_ins_do_not_pile_up() -> None:
    browser = World("flask", "github").browser()
    for _ in range(12):
        browser.begin()
        assert len(browser.pending) <= 5
    assert browser.sign_in().status == 303


def test_a_callback_of_one_provider_is_none_of_another(either: Make) -> None:
    world = either("github", "google")
    browser = world.browser()
    callback = browser.agree(browser.begin("google"), "google")
    assert (
        code_of(browser.get(callback.replace("/callback/google", "/callback/github"))) == "provider_mismatch"
    )
    browser = world.browser()
    begun = browser.begin("google")
    with world.providers["google"].fault("mix_up_issuer"):
        assert code_of(browser.get(browser.agree(begun, "google"))) == "issuer_mismatch"
    assert [len(each.requests_to("token")) for each in world.providers.values()] == [0, 0]


@pytest.mark.parametrize("fault", ["wrong_nonce", "wrong_audience", "wrong_issuer", "wrong_key"])
def test_OI_1_an_id_token_for_somebody_else_signs_nobody_in(fault: Any) -> None:
    world = World("flask", "google")
    browser = world.browser()
    with world.providers["google"].fault(fault):
        answer = browser.sign_in("google")
    assert answer.status == 400
    assert answer.session_cookies(SESSION) == []
    assert browser.email is None
    assert len(world.codes("session.sign_in_failed")) == 1


def test_JK_2_a_provider_that_is_away_signs_nobody_out() -> None:
    world = World("flask", "google")
    browser = world.sign_in("google")
    with world.providers["google"].fault("status_500"):
        assert browser.sign_in("google").status == 503
    assert browser.email == "ada@example.com"


@pytest.mark.parametrize("path", AWAY)
def test_OR_1_sign_in_never_ends_at_another_site(path: str) -> None:
    def authorize(credentials: Credentials) -> dict[str, str]:
        return {"id": credentials.username}

    browser = World("flask", "github", authorize=authorize).browser()
    ended = [browser.post("/auth/sign-in/credentials", username="a", password="b", return_to=path).location]
    ended.append(browser.connect("github", return_to=path).location)
    browser.cookies.clear()
    if len(path) < 10_000:
        ended.append(browser.sign_in(return_to=path).location)
    ended.append(browser.post("/auth/sign-out", return_to=path).location)
    for end in ended:
        assert end.startswith("/")
        assert end[1:2] not in ("/", "\\")
        assert end.isprintable()


def test_OR_4_nothing_in_a_return_path_begins_a_header(either: Make) -> None:
    browser = either("github").browser()
    for path in ("%0d%0aSet-Cookie:%20a=b", "/%00", "/%e2%80%a8", "/%ed%a0%80"):
        begun = browser.open(f"/auth/sign-in?return_to={path}").location
        answer = browser.open(browser.agree(begun))
        assert answer.status == 303
        assert answer.location.isascii()
        assert "a=b" not in answer["Set-Cookie"]


def test_CS_1_other_sites_change_nothing(make: Make) -> None:
    def authorize(credentials: Credentials) -> dict[str, str]:
        return {"id": "mallory"}

    world = make("github", "google", authorize=authorize)
    browser = world.sign_in()
    browser.connect("google")
    cookies = dict(browser.cookies)
    posts = ("sign-in/credentials", "link/google", "unlink/google", "sign-out", "refresh")
    for path in (*posts, "callback/github"):
        answer = browser.post(f"/auth/{path}", site="cross-site", username="a", password="b")
        assert answer.status == 403, path
        assert answer.set_cookies == []
    assert browser.cookies == cookies
    assert browser.get("/me").json["accounts"] == ["github", "google"]


def test_CS_2_what_changes_something_takes_no_get(either: Make) -> None:
    browser = either("github", authorize=lambda credentials: None).sign_in()
    for path in ("link/github", "unlink/github", "refresh", "sign-in/credentials"):
        for method in ("GET", "HEAD"):
            answer = browser.send(method, f"/auth/{path}")
            assert answer.status == 405, path
            assert "POST" in answer["Allow"]
    assert browser.send("PUT", "/auth/callback/github").status == 405
    assert browser.post("/auth/callback/github").status == 405
    assert browser.email == "ada@example.com"


def test_CS_4_a_body_of_another_kind_is_refused(either: Make) -> None:
    browser = either("github", authorize=lambda credentials: {"id": "a"}).browser()
    body = b'{"username": "a", "password": "b"}'
    answer = browser.send(
        "POST", "/auth/sign-in/credentials", body, page=False, **{"Content-Type": "text/plain"}
    )
    assert (answer.status, code_of(answer)) == (415, "unsupported_media_type")
    assert browser.cookies == {}


def test_a_guess_of_what_comes_next_begins_nothing(either: Make) -> None:
    world = either("github")
    browser = world.browser()
    for path in ("/auth/sign-in", "/auth/sign-in/github", "/auth/sign-up"):
        guess = browser.open(path, **{"Sec-Purpose": "prefetch;prerender"})
        assert (guess.status, code_of(guess)) == (403, "prefetch_refused")
        assert browser.send("HEAD", path).status == 204
    assert either("github", "google").browser().send("HEAD", "/auth/sign-in").status == 204
    assert browser.cookies == {}


def test_hints_reach_the_provider() -> None:
    browser = World("flask", "google").browser()
    asked = query_of(browser.begin("google", login_hint="ada@example.com", prompt="login", max_age="60"))
    assert (asked["login_hint"], asked["prompt"], asked["max_age"]) == ("ada@example.com", "login", "60")
    asked = query_of(browser.begin("google", login_hint="x" * 600, prompt="evil", max_age="-1"))
    assert {"login_hint", "prompt", "max_age"} & asked.keys() == set()


def test_to_prove_it_again_one_goes_where_one_came_from(either: Make) -> None:
    world = either("github", "google")
    browser = world.sign_in("google")
    world.clock.advance(hours=1)
    stale = browser.open("/recent")
    again = browser.open(stale.location)
    assert again.location.startswith("https://accounts.google.com/")
    assert query_of(again.location)["max_age"] == "600"
    assert browser.open(browser.agree(again.location, "google")).location == "/recent"
    assert browser.open("/recent").status == 200
    page = world.browser().open("/auth/sign-in?max_age=600&login_hint=ada%40example.com")
    assert 'href="/auth/sign-in/google?login_hint=ada%40example.com&amp;max_age=600"' in page.text


def test_sign_in_begins_at_the_name_that_the_callback_has() -> None:
    browser = World("flask", "github").browser()
    answer = browser.open("/auth/sign-in/github?return_to=/me", Host="127.0.0.1")
    assert answer.location == f"{ORIGIN}/auth/sign-in/github?return_to=/me"
    assert browser.cookies == {}


def test_what_goes_wrong_is_the_apps_to_answer_first(make: Make) -> None:
    told: list[str] = []

    def on_sign_in_error(error: Exception) -> None:
        told.append(getattr(error, "code", ""))

    world = make("github", on_sign_in_error=on_sign_in_error)
    browser = world.browser()
    assert browser.open("/auth/callback/github?state=x&code=y").status == 400
    cancelled = world.providers["github"].cancel(browser.begin())
    assert browser.open(cancelled, site="cross-site").status == 400
    assert told == ["verifier_cookie_missing", "access_denied"]


def test_an_app_with_an_error_page_of_its_own_sends_people_there(either: Make) -> None:
    browser = either("github", error_redirect_url="/oops").browser()
    assert browser.open("/auth/callback/github?state=x").location == "/oops?error=verifier_cookie_missing"


def test_nobody_is_known_before_the_app_has_agreed() -> None:
    seen: list[Any] = []

    def on_sign_in(sign_in: DirectSignIn) -> None:
        assert sign_in.profile is not None
        assert sign_in.tokens is not None
        seen.append(
            (sign_in.provider, sign_in.profile.identity, sign_in.tokens.access_token in repr(sign_in))
        )
        raise LoginError("Not today.", code="closed")

    world = World("fastapi", "github", on_sign_in=on_sign_in, keep_tokens=True)
    browser = world.browser()
    assert browser.sign_in().status == 400
    assert browser.cookies == {}
    subject = world.providers["github"].people[0].subject
    assert seen == [("github", ("github", subject), False)]


def test_CK_3_what_was_sealed_for_one_purpose_serves_no_other(either: Make) -> None:
    world = either("github", keep_tokens=True)
    browser = world.sign_in()
    browser.get("/data?seen=one")
    callback = browser.agree(browser.begin())
    cookies = dict(browser.cookies)
    others = [value for name, value in cookies.items() if name != SESSION]
    assert len(others) == 3
    for value in others:
        browser.cookies = {SESSION: value}
        assert browser.get("/auth/session").json == {"session": None, "reason": "bad_cookie"}
    browser.cookies = {cookie_name(query_of(callback)["state"]): cookies[SESSION]}
    assert code_of(browser.get(callback)) == "state_unreadable"
    browser.cookies = {SESSION: cookies[SESSION], f"{SESSION}-github": cookies[SESSION]}
    assert code_of(browser.do("tokens")) == "provider_tokens_missing"
    browser.cookies = {SESSION: cookies[SESSION], f"{SESSION}-github": cookies[SESSION] + "x"}
    assert code_of(browser.do("tokens")) == "provider_tokens_missing"
