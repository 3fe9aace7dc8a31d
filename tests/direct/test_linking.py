"""Connecting one more account, and taking it away."""

from typing import Any

from tests.direct.conftest import Make
from tests.direct.world import World, code_of
from vestibule import Forbidden
from vestibule.direct import DirectSignIn, Link

NAVIGATION = {"Sec-Fetch-Site": "cross-site"}


def accounts(browser: Any) -> list[str]:
    found: list[str] = browser.get("/me").json["accounts"]
    return found


def test_an_account_is_connected_and_taken_away(either: Make) -> None:
    linked: list[Link] = []
    gone: list[Link] = []
    world = either("github", "google", on_link=linked.append, on_unlink=gone.append)
    browser = world.sign_in()
    session_id = browser.get("/auth/session").json["session"]["id"]
    assert browser.connect("google", "grace@example.com", return_to="/recent").location == "/recent"
    session = browser.get("/auth/session").json["session"]
    assert (session["accounts"], session["provider"]) == (["github", "google"], "github")
    assert (session["id"], session["user"]["email"]) == (session_id, "ada@example.com")
    link = linked[0]
    assert link.profile is not None
    assert link.tokens is not None
    assert link.profile.email == "grace@example.com"
    assert link.tokens.access_token not in repr(link)
    assert world.auth.direct.is_connected(link.session, "github")
    assert not world.auth.direct.is_connected(link.session, "google")
    # Once more is no mistake, and neither is taking away what is not there.
    assert browser.connect("google", "grace@example.com").location == "/"
    answer = browser.send("DELETE", "/auth/unlink/google", page=False)
    assert (answer.status, answer.json) == (200, {"url": "/"})
    assert browser.post("/auth/unlink/google", return_to="/me").location == "/me"
    assert accounts(browser) == ["github"]
    assert [(each.provider, each.subject) for each in gone] == [("google", link.subject)]


def test_scripts_and_htmx_are_told_where_to_go(either: Make) -> None:
    browser = either("github", "google").sign_in()
    told = browser.post("/auth/link/google", page=False).json["url"]
    assert told.startswith("https://accounts.google.com/")
    htmx = {"HX-Request": "true"}
    assert browser.send("POST", "/auth/link/google", page=False, **htmx)["HX-Redirect"] != told
    assert browser.open(browser.agree(told, "google"), site="cross-site").location == "/"
    assert browser.send("POST", "/auth/unlink/google", page=False, **htmx)["HX-Redirect"] == "/"
    assert accounts(browser) == ["github"]


def test_nobody_connects_anything_while_signed_out(either: Make) -> None:
    browser = either("github", "google").browser()
    for path in ("link", "unlink"):
        answer = browser.post(f"/auth/{path}/google", page=False)
        assert (answer.status, code_of(answer)) == (401, "signed_out")
    assert browser.cookies == {}
    assert code_of(browser.post("/auth/link/nobody", page=False)) == "provider_unknown"


def test_CS_1_another_session_in_between_gets_no_account(either: Make) -> None:
    linked: list[Link] = []
    world = either("github", "google", on_link=linked.append)
    browser = world.sign_in(email="mallory@example.net")
    begun = browser.post("/auth/link/google").location
    browser.sign_in(email="ada@example.com")  # the victim signs in where the attacker has begun
    answer = browser.get(browser.agree(begun, "google", "mallory@example.net"))
    assert code_of(answer) == "link_session_ended"
    assert accounts(browser) == ["github"]
    begun = browser.post("/auth/link/google").location
    browser.post("/auth/sign-out")
    assert code_of(browser.get(browser.agree(begun, "google"))) == "link_session_ended"
    assert browser.email is None
    assert linked == []


def test_a_second_account_of_one_provider_is_refused() -> None:
    browser = World("flask", "github", "google").sign_in()
    begun = browser.post("/auth/link/github").location
    answer = browser.get(browser.agree(begun, "github", "grace@example.com"))
    assert (answer.status, code_of(answer)) == (400, "link_taken")
    assert browser.email == "ada@example.com"


def test_the_account_a_session_stands_on_stays(either: Make) -> None:
    browser = either("github").sign_in()
    answer = browser.post("/auth/unlink/github", page=False)
    assert (answer.status, code_of(answer)) == (400, "link_in_use")
    assert accounts(browser) == ["github"]


def test_an_on_link_that_refuses_connects_nothing(make: Make) -> None:
    def on_link(link: Link) -> None:
        raise Forbidden("Somebody else has this account here.", missing={"account": link.provider})

    browser = make("github", "google", on_link=on_link, keep_tokens=True).sign_in()
    before = dict(browser.cookies)
    assert browser.connect("google").status == 403
    assert browser.cookies == before
    assert accounts(browser) == ["github"]


def test_an_on_unlink_that_refuses_takes_nothing_away(either: Make) -> None:
    def on_unlink(link: Link) -> None:
        raise Forbidden("The last one stays.", missing={})

    browser = either("github", "google", on_unlink=on_unlink).sign_in()
    browser.connect("google")
    assert browser.post("/auth/unlink/google", page=False).status == 403
    assert accounts(browser) == ["github", "google"]


def test_a_callback_of_a_sign_in_connects_nothing_and_the_reverse() -> None:
    world = World("flask", "github", "google")
    browser = world.sign_in()
    browser.sign_in("google", "grace@example.com")
    assert (browser.email, accounts(browser)) == ("grace@example.com", ["google"])
    browser.connect("github", "ada@example.com")
    assert (browser.email, accounts(browser)) == ("grace@example.com", ["github", "google"])
    other = world.browser()
    other.sign_in("github", "ada@example.com")
    assert accounts(other) == ["github"]


def test_CK_8_an_account_too_many_for_the_cookie_is_not_connected() -> None:
    size = {"bytes": 2000}

    def on_sign_in(sign_in: DirectSignIn) -> None:
        sign_in.grant(user_id="u" * size["bytes"])

    world = World("flask", "github", "google", on_sign_in=on_sign_in, keep_tokens=True)
    browser = world.browser()
    while browser.sign_in().status == 303:
        size["bytes"] += 10
    begun = browser.post("/auth/link/google").location
    answer = browser.get(browser.agree(begun, "google"))
    assert code_of(answer) == "session_too_large"
    assert accounts(browser) == ["github"]
    assert code_of(browser.do("tokens", provider="google")) == "provider_tokens_missing"
