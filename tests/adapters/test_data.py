"""What the app keeps for a browser, signed in or not."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.adapters.conftest import Build
from tests.adapters.rigs import FETCH, Answer, Rig
from vestibule.datastores import SqlDataStore
from vestibule.testing import sign_in

COOKIE = "vestibule-data"


@dataclass(frozen=True)
class Cart:
    size: int = 0
    note: str = ""


def act(rig: Rig, *steps: str, **more: str) -> Answer:
    return rig.post(f"/act?do=data&then={quote(' '.join(steps))}", headers={**FETCH, **more})


def value(rig: Rig) -> object:
    return act(rig).json["value"]


def test_it_is_kept_for_a_visitor_who_is_signed_out(make: Build) -> None:
    rig = make(data=Cart)
    assert value(rig) == {"size": 0, "note": ""}
    answer = act(rig, "size:2", "note:nails")
    (cookie,) = answer.session_cookies(COOKIE)
    assert "HttpOnly" in cookie
    assert "Max-Age=2592000" in cookie
    assert "nails" not in cookie
    assert "no-store" in answer["Cache-Control"]
    assert value(rig) == {"size": 2, "note": "nails"}


def test_a_plain_dict_when_nothing_is_said(rig: Rig) -> None:
    act(rig, "theme:dark")
    assert value(rig) == {"theme": "dark"}


def test_what_did_not_change_is_not_written(make: Build) -> None:
    rig = make(data=Cart)
    assert act(rig).set_cookies == []
    act(rig, "size:2")
    assert act(rig, "size:2").set_cookies == []
    assert act(rig, "size:3", "size:2").set_cookies == []


def test_clearing_deletes_the_cookie(make: Build) -> None:
    rig = make(data=Cart)
    act(rig, "size:2")
    (cookie,) = act(rig, "clear").session_cookies(COOKIE)
    assert "Max-Age=0" in cookie
    assert value(rig) == {"size": 0, "note": ""}
    assert act(rig, "clear").set_cookies == []


def test_what_does_not_fit_is_a_clear_error(make: Build) -> None:
    rig = make(data=Cart)
    answer = act(rig, f"note:{'x' * 4000}")
    assert answer.status == 500
    assert answer.json["error"]["code"] == "data_too_large"
    assert "browsers keep 4096" in answer.json["error"]["message"]
    assert answer.set_cookies == []


def test_it_ends_with_the_session_unless_told_otherwise(make: Build) -> None:
    for ends in (True, False):
        rig = make(data=Cart, settings={"data_ends_with_session": ends})
        sign_in(rig.client, auth=rig.auth)
        act(rig, "size:2")
        answer = rig.post("/auth/sign-out")
        assert bool(answer.session_cookies(COOKIE)) is ends
        assert value(rig) == {"size": 0 if ends else 2, "note": ""}


def test_it_goes_on_through_a_sign_in(make: Build) -> None:
    rig = make(data=Cart)
    act(rig, "size:2")
    rig.follow_sign_in()
    assert value(rig) == {"size": 2, "note": ""}


def test_CK_3_a_seal_of_one_purpose_does_for_no_other(make: Build) -> None:
    rig = make(data=Cart)
    (session,) = rig.issuer.cookies().values()
    begun = rig.open("/auth/sign-in")
    (verifier,) = (line.partition(";")[0].partition("=")[2] for line in begun.set_cookies)
    for seal in (session, verifier, "garbage", "Fe26.2*1*x"):
        answer = rig.post("/act?do=data", headers={**FETCH, "Cookie": f"{COOKIE}={seal}"})
        assert answer.json["value"] == {"size": 0, "note": ""}
    sealed = act(rig, "size:2").session_cookies(COOKIE)[0].partition(";")[0].partition("=")[2]
    assert rig.get("/me", {**FETCH, "Cookie": f"wos-session={sealed}"}).status == 401
    other = make(data=Cart, settings={"data_cookie_name": "other", **same_password(rig)})
    answer = other.post("/act?do=data", headers={**FETCH, "Cookie": f"other={sealed}"})
    assert answer.json["value"] == {"size": 0, "note": ""}


def same_password(rig: Rig) -> dict[str, object]:
    return {"cookie_passwords": rig.auth.config.cookie_passwords}


# --- in a store ---


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlDataStore]:
    return SqlDataStore(lambda: sqlite3.connect(tmp_path / "data.db"))


def rows(tmp_path: Path) -> list[tuple[str, str]]:
    connection = sqlite3.connect(tmp_path / "data.db")
    try:
        return connection.execute("SELECT id, value FROM vestibule_data").fetchall()
    finally:
        connection.close()


def test_a_store_keeps_what_no_cookie_could(make: Build, store: SqlDataStore, tmp_path: Path) -> None:
    rig = make(data=Cart, data_store=store)
    answer = act(rig, f"note:{'x' * 5000}", "size:1")
    (cookie,) = answer.session_cookies(COOKIE)
    assert len(cookie) < 700
    assert value(rig) == {"size": 1, "note": "x" * 5000}
    ((key, text),) = rows(tmp_path)
    assert len(key) == 64
    assert key not in cookie
    assert text.startswith('{"size": 1')
    assert act(rig, "size:1").set_cookies == []
    act(rig, "size:2")
    assert len(rows(tmp_path)) == 1
    act(rig, "clear")
    assert rows(tmp_path) == []


def test_a_sign_in_gives_what_is_stored_a_new_key(make: Build, store: SqlDataStore, tmp_path: Path) -> None:
    rig = make(data=Cart, data_store=store)
    planted = act(rig, "size:1").session_cookies(COOKIE)[0].partition(";")[0]
    ((before, _),) = rows(tmp_path)
    rig.follow_sign_in()
    ((after, _),) = rows(tmp_path)
    assert before != after
    assert value(rig) == {"size": 1, "note": ""}
    answer = rig.post("/act?do=data", headers={**FETCH, "Cookie": planted})
    assert answer.json["value"] == {"size": 0, "note": ""}


def test_signing_out_deletes_what_is_stored(make: Build, store: SqlDataStore, tmp_path: Path) -> None:
    rig = make(data=Cart, data_store=store)
    sign_in(rig.client, auth=rig.auth)
    act(rig, "size:1")
    rig.post("/auth/sign-out")
    assert rows(tmp_path) == []


def test_a_store_that_is_away_keeps_nobody_from_signing_in(make: Build, tmp_path: Path) -> None:
    rig = make(data=Cart, data_store=SqlDataStore(lambda: sqlite3.connect(tmp_path / "data.db")))
    act(rig, "size:1")
    (tmp_path / "data.db").unlink()
    (tmp_path / "data.db").mkdir()
    assert rig.follow_sign_in().session_cookies() != []
    rig = make(data=Cart, data_store=SqlDataStore(lambda: sqlite3.connect(tmp_path / "data.db")))
    assert act(rig, "size:1").status == 500
