"""How long a session lives, and how it ends before."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.direct.conftest import Make
from tests.direct.world import SESSION, Browser, Shelf, World, code_of, nobody_there
from vestibule.datastores import SqlDataStore
from vestibule.errors import ConfigError

HOUR, DAY = 3600, 86_400


def max_age_of(lines: list[str]) -> str:
    return next(part for part in lines[0].split("; ") if part.startswith("Max-Age="))


def renewed(browser: Browser) -> bool:
    return bool(browser.get("/me").session_cookies(SESSION))


@pytest.mark.parametrize("policy", ["fixed", "absolute"])
def test_some_sessions_are_never_extended(either: Make, policy: str) -> None:
    world = either("github", policy=policy, lifetime=HOUR)
    browser = world.browser()
    assert max_age_of(browser.sign_in().session_cookies(SESSION)) == "Max-Age=3600"
    world.clock.advance(seconds=HOUR - 1)
    assert not renewed(browser)
    world.clock.advance(seconds=1)
    answer = browser.get("/auth/session")
    assert answer.json == {"session": None, "reason": "expired"}
    assert SESSION not in browser.cookies
    assert browser.open("/me").location == "/auth/sign-in?return_to=%2Fme"


def test_a_rolling_session_lives_while_it_is_used(either: Make) -> None:
    world = either("github", policy="rolling", lifetime=HOUR, max_lifetime=3 * HOUR)
    browser = world.sign_in()
    assert not renewed(browser)  # within the same second there is nothing to extend
    for _ in range(4):
        world.clock.advance(minutes=30)
        assert renewed(browser)
    world.clock.advance(minutes=50)
    assert not renewed(browser)  # it is at its cap
    world.clock.advance(minutes=10)
    assert browser.get("/auth/session").json["reason"] == "expired"


def test_CK_4_no_session_outlives_its_cap(either: Make) -> None:
    world = either("github", policy="rolling", lifetime=HOUR, max_lifetime=HOUR)
    browser = world.sign_in()
    world.clock.advance(seconds=HOUR)
    assert browser.get("/auth/session").json["reason"] == "expired"
    assert browser.cookies == {}


def test_a_sliding_session_gets_a_new_cookie_now_and_then(either: Make) -> None:
    world = either("github", lifetime=HOUR, max_lifetime=None, sliding_threshold=0.25)
    browser = world.sign_in()
    world.clock.advance(minutes=45)
    assert not renewed(browser)
    for _ in range(3):
        world.clock.advance(minutes=1)
        assert renewed(browser)
        world.clock.advance(minutes=45)
    world.clock.advance(minutes=15)
    assert browser.email is None


def test_as_it_comes_it_lasts_a_week_of_absence_and_a_month_in_all(either: Make) -> None:
    world = either("github")
    browser = world.sign_in()
    for _ in range(7):
        world.clock.advance(days=4)
        assert browser.email == "ada@example.com"
    world.clock.advance(days=2)
    assert browser.email is None
    assert max_age_of(world.browser().sign_in().session_cookies(SESSION)) == "Max-Age=604800"


def test_revoking_ends_one_session_or_all_of_somebody(either: Make) -> None:
    shelf = Shelf()
    world = either("github", revocations=shelf)
    ada, at_work, grace = world.sign_in(), world.sign_in(), world.sign_in(email="grace@example.com")
    session = ada.get("/auth/session").json["session"]
    world.auth.direct.revoke(session["id"])
    assert ada.get("/auth/session").json == {"session": None, "reason": "refused"}
    assert SESSION not in ada.cookies
    assert at_work.email == "ada@example.com"
    world.auth.direct.revoke_user(session["user"]["id"])
    assert (at_work.email, grace.email) == (None, "grace@example.com")
    assert [name for name, _ in world.events].count("session.revoked") == 2
    assert {max_age for _, max_age in shelf.kept.values()} == {30 * DAY}
    assert session["user"]["id"] not in str(shelf.kept)
    world.clock.advance(seconds=1)
    assert world.sign_in().email == "ada@example.com"


def test_signing_out_ends_the_session_wherever_its_cookie_is(make: Make) -> None:
    world = make("github", revocations=Shelf())
    browser = world.sign_in()
    stolen = world.browser()
    stolen.cookies = dict(browser.cookies)
    assert browser.post("/auth/sign-out").location == "/"
    assert stolen.email is None
    again = world.sign_in()
    stolen.cookies = dict(again.cookies)
    again.do("sign_out")
    assert stolen.email is None
    assert world.browser().post("/auth/sign-out").location == "/"


def test_in_another_process_it_is_the_list_that_knows() -> None:
    shelf = Shelf()
    here, there = (World("flask", "github", revocations=shelf) for _ in range(2))
    browser = here.sign_in()
    stolen = there.browser()
    stolen.cookies = dict(browser.cookies)
    assert stolen.email == "ada@example.com"
    browser.post("/auth/sign-out")
    assert stolen.email is None


def test_a_list_that_is_away_lets_nobody_in_and_signs_nobody_out(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    shelf = Shelf()
    world = make("github", revocations=shelf, policy="rolling")
    browser = world.sign_in()
    shelf.broken = True
    world.clock.advance(minutes=1)
    answer = browser.get("/me")
    assert answer.status == 503
    assert int(answer["Retry-After"]) > 0
    assert answer.session_cookies(SESSION) == []
    assert browser.open("/").status == 200
    shelf.broken = False
    assert browser.email == "ada@example.com"
    shelf.broken = True
    assert browser.post("/auth/sign-out").location == "/"
    assert browser.cookies == {}
    assert "session.unreachable" in [name for name, _ in world.events]
    assert "direct.store_failed: OSError: the disk is full" in caplog.text


def test_a_database_keeps_the_list_and_the_tokens(either: Make, tmp_path: Path) -> None:
    store = SqlDataStore(lambda: sqlite3.connect(tmp_path / "ended.db"))
    world = either("github", revocations=store, token_store=store, keep_tokens=True)
    browser = world.sign_in()
    assert browser.do("tokens").status == 200
    stolen = world.browser()
    stolen.cookies = dict(browser.cookies)
    browser.post("/auth/sign-out")
    assert stolen.get("/auth/session").json["reason"] == "refused"
    again = world.sign_in()
    world.auth.direct.revoke_user(again.get("/me").json["id"])
    assert again.email is None


def test_what_is_in_the_list_and_no_time_ends_nothing() -> None:
    shelf = Shelf()
    world = World("flask", "github", revocations=shelf)
    browser = world.sign_in()
    world.auth.direct.revoke_user(browser.get("/me").json["id"])
    [key] = shelf.kept
    shelf.kept[key] = ("tomorrow", DAY)
    assert browser.email == "ada@example.com"


def test_a_script_revokes_before_any_request_has_come(either: Make) -> None:
    shelf = Shelf()
    either("github", revocations=shelf, max_lifetime=None, lifetime=HOUR).auth.direct.revoke("session_1")
    either("github", revocations=shelf, max_lifetime=None, lifetime=HOUR).auth.direct.revoke_user("u1")
    assert [max_age for _, max_age in shelf.kept.values()] == [10 * HOUR] * 2


def test_without_a_list_there_is_nothing_to_revoke(either: Make) -> None:
    world = either("github")
    with pytest.raises(ConfigError, match="revocations="):
        world.auth.direct.revoke("session_1")
    browser = world.sign_in()
    stolen = world.browser()
    stolen.cookies = dict(browser.cookies)
    browser.post("/auth/sign-out")
    assert stolen.email is None  # in this process
    assert code_of(stolen.post("/auth/refresh", page=False)) == "signed_out"


def test_a_sealed_session_needs_no_network(either: Make) -> None:
    world = either("github")
    browser = world.sign_in()
    offline = either("github", send=nobody_there).browser()
    offline.cookies = browser.cookies
    assert offline.email == "ada@example.com"
    answer: Any = offline.open("/auth/sign-in/github")
    assert answer.status == 303  # GitHub has no discovery document
