from pathlib import Path
from typing import Any

import pytest

from tests.place_databases import write_places
from tests.server.account.home import Home
from vestibule.server.identity.open_sessions import list_open

SESSIONS = "/account/sessions"


@pytest.fixture
def server_settings(tmp_path: Path) -> dict[str, Any]:
    known = {"127.0.0.0/8": {"city": {"names": {"en": "Berlin"}}, "country": {"names": {"en": "Germany"}}}}
    return {"places_database": str(write_places(tmp_path / "places.mmdb", known))}


def test_a_session_says_its_device_its_place_and_which_one_is_this(home: Home) -> None:
    home.visit()
    home.clock.advance(minutes=5)
    page = home.visit().get(SESSIONS)
    assert page.text.count("Chrome on Windows") >= 2
    assert page.text.count("This device") == 1
    assert "Berlin, Germany · 127.0.0.1" in page.text
    assert "Last seen 5 minutes ago" in page.text
    assert "Signed in with a password" in page.text


def test_one_device_is_signed_out_or_all_others_or_all(home: Home) -> None:
    browser, second, third = home.visit(), home.visit(), home.visit()
    user_id = home.user().id
    page = browser.get(SESSIONS)
    others = [each for each in list_open(home.identity, user_id) if each.browser]
    this = next(row for row in page.forms[0].buttons if row[1].get("name") == "browser")
    chosen = next(each.browser.id for each in others if each.browser and each.browser.id != this[1]["value"])
    csrf = page.forms[0].hidden["csrf"]
    assert "That device is signed out." in browser.post(SESSIONS, {"csrf": csrf, "browser": chosen}).text
    assert len(list_open(home.identity, user_id)) == 2
    assert "Every other device" in browser.send(page, "Every other device").text
    assert [second.get("/account").heading, third.get("/account").heading] == ["Sign in", "Sign in"]
    assert browser.get("/account").heading == "Profile"
    home.visit()
    last = browser.send(page, "Everywhere, here too")
    assert last.heading == "You are signed out"
    assert list_open(home.identity, user_id) == []
    assert browser.cookie("vestibule") is None
    assert {event.event for event in home.events("browser_session.revoked")} == {"browser_session.revoked"}


def test_this_device_can_be_the_one(home: Home) -> None:
    browser = home.visit()
    home.visit()
    page = browser.send(browser.get(SESSIONS), "Sign out")
    assert page.heading == "You are signed out"
    assert len(list_open(home.identity, home.user().id)) == 1


def test_OG_3_sessions_of_others_are_as_none(home: Home) -> None:
    home.visit()
    (theirs,) = list_open(home.identity, home.user().id)
    assert theirs.browser is not None
    eve = home.visit("grace@example.com")
    csrf = eve.get(SESSIONS).forms[0].hidden["csrf"]
    for field, value in (("browser", theirs.browser.id), ("app", "session_unknown"), ("which", "nobody")):
        assert eve.post(SESSIONS, {"csrf": csrf, field: value}).status == 404
    assert list_open(home.identity, home.user().id) == [theirs]
