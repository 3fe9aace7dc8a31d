"""App data by hand: what leaves with the response, and when."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.session.browser import NOON
from vestibule.crypto.sealer import IronSealer
from vestibule.errors import ConfigError, DataError
from vestibule.session.core import Core
from vestibule.session.data import Data, Shelf
from vestibule.session.events import Event
from vestibule.session.incoming import Incoming
from vestibule.session.visit import Visit
from vestibule.testing import Clock
from vestibule.testing.issuer import create_config

DAY = 86_400


@dataclass(frozen=True)
class Cart:
    size: int = 0


class Store:
    """In memory, and it can be away."""

    def __init__(self) -> None:
        self.rows: dict[str, str] = {}
        self.away = False

    def find(self, key: str, /) -> str | None:
        self._check()
        return self.rows.get(key)

    def update(self, key: str, text: str, /, *, max_age: int) -> None:
        self._check()
        self.rows[key] = text

    def delete(self, key: str, /) -> None:
        self._check()
        self.rows.pop(key, None)

    def _check(self) -> None:
        if self.away:
            raise OSError("away")


class Stage:
    def __init__(self, *, kind: Any = Cart, store: Store | None = None, **settings: Any) -> None:
        self.clock = Clock(NOON)
        self.config = create_config(**settings)
        self.events: list[Event] = []
        self.cookie = ""
        shelf = Shelf(kind, store)
        self.core = Core(self.config, clock=self.clock, shelf=shelf, on_event=self.events.append)

    def visit(self) -> Visit:
        headers = {"cookie": f"vestibule-data={self.cookie}"} if self.cookie else {}
        return self.core.visit(Incoming(method="GET", path="/", headers=headers))

    def data(self, visit: Visit | None = None) -> Data[Any]:
        data = (visit or self.visit()).data
        data.load()
        return data

    def leave(self, visit: Visit) -> list[str]:
        """The Set-Cookie lines, kept as a browser does."""
        lines = [value for name, value in visit.headers() if name == "Set-Cookie"]
        for line in lines:
            self.cookie = "" if "Max-Age=0" in line else line.partition(";")[0].partition("=")[2]
        return lines

    def update(self, *args: Any, **changes: Any) -> list[str]:
        visit = self.visit()
        self.data(visit).update(*args, **changes)
        return self.leave(visit)

    @property
    def value(self) -> Any:
        return self.data().value


def test_two_updates_leave_as_one_cookie() -> None:
    stage = Stage()
    visit = stage.visit()
    stage.data(visit).update(size=1)
    stage.data(visit).update(size=2)
    assert len(stage.leave(visit)) == 1
    assert stage.value == Cart(2)


def test_a_whole_value_may_be_given() -> None:
    stage = Stage()
    stage.update(Cart(5))
    assert stage.value == Cart(5)
    stage.update(Cart(6), size=7)
    assert stage.value == Cart(7)
    with pytest.raises(TypeError):
        stage.update(weight=1)


def test_the_cookie_has_the_attributes_of_the_sessions() -> None:
    stage = Stage(redirect_uri="https://app.example.com/auth/callback", cookie_domain="example.com")
    (line,) = stage.update(size=1)
    assert "Domain=example.com" in line
    assert {"HttpOnly", "Secure", "SameSite=Lax", "Path=/"} <= set(line.split("; "))


def test_an_old_shape_is_read_and_said_once() -> None:
    stage = Stage(kind=dict)
    stage.update(size="many", color="red")
    newer = Stage(cookie_passwords=stage.config.cookie_passwords)
    newer.cookie = stage.cookie
    visit = newer.visit()
    assert newer.data(visit).value == Cart()
    newer.leave(visit)
    assert newer.value == Cart()
    assert [(each.code, dict(each.data)) for each in newer.events] == [
        ("data.unreadable", {"fields": "size"})
    ]


def test_it_lasts_for_so_long_after_it_was_used_and_is_not_written_each_time() -> None:
    stage = Stage(data_max_age=10 * DAY)
    stage.update(size=1)
    stage.clock.advance(seconds=4 * DAY)
    visit = stage.visit()
    stage.data(visit)
    assert stage.leave(visit) == []
    stage.clock.advance(seconds=2 * DAY)
    visit = stage.visit()
    stage.data(visit)
    assert len(stage.leave(visit)) == 1
    stage.clock.advance(seconds=9 * DAY)
    assert stage.value == Cart(1)
    stage.clock.advance(seconds=2 * DAY)
    assert stage.value == Cart(0)


def test_what_is_stored_is_renewed_too() -> None:
    store = Store()
    stage = Stage(data_max_age=10 * DAY, store=store)
    stage.update(size=1)
    keys = list(store.rows)
    stage.clock.advance(seconds=6 * DAY)
    visit = stage.visit()
    stage.data(visit)
    assert visit.pending
    assert len(stage.leave(visit)) == 1
    assert list(store.rows) == keys


def test_a_change_after_the_response_has_started_is_an_error() -> None:
    stage = Stage()
    visit = stage.visit()
    data = stage.data(visit)
    visit.headers()
    visit.started()
    for change in (lambda: data.update(size=1), data.clear):
        with pytest.raises(DataError) as caught:
            change()
        assert caught.value.code == "data_too_late"


def test_what_does_not_fit_says_how_large_it_is() -> None:
    with pytest.raises(DataError, match=r"needs \d+ bytes") as caught:
        Stage(kind=dict).update(text="x" * 3500)
    assert caught.value.code == "data_too_large"
    with pytest.raises(ValueError, match="JSON"):
        Stage(kind=dict).update(number=float("nan"))


def test_a_change_that_does_not_fit_leaves_things_as_they_were() -> None:
    stage = Stage(kind=dict)
    visit = stage.visit()
    stage.data(visit).update(a=1)
    with pytest.raises(DataError):
        stage.data(visit).update(text="x" * 4000)
    stage.leave(visit)
    assert stage.value == {"a": 1}


def test_a_new_password_first_still_reads_it() -> None:
    stage = Stage()
    stage.update(size=1)
    passwords = ("the new password of this app, 32 characters", *stage.config.cookie_passwords)
    newer = Stage(cookie_passwords=passwords)
    newer.cookie = stage.cookie
    assert newer.value == Cart(1)


@pytest.mark.parametrize(
    "payload",
    [
        [],
        {"purpose": "data other", "at": 1, "value": {"size": 1}},
        {"purpose": "data vestibule-data", "at": "now", "value": {"size": 1}},
        {"purpose": "data vestibule-data", "at": 1, "key": 5},
        {"purpose": "data vestibule-data", "at": int(NOON), "key": "none"},
        {"accessToken": "a", "refreshToken": "b", "user": {"id": "c"}},
    ],
    ids=str,
)
def test_CK_3_a_seal_of_another_kind_is_nothing(payload: Any) -> None:
    stage = Stage()
    stage.cookie = IronSealer(stage.config.cookie_passwords).seal(payload)
    assert stage.value == Cart(0)


def test_what_was_in_the_cookie_moves_into_a_store_with_its_next_change() -> None:
    before = Stage()
    before.update(size=1)
    store = Store()
    stage = Stage(store=store, cookie_passwords=before.config.cookie_passwords)
    stage.cookie = before.cookie
    assert stage.value == Cart(1)
    stage.update(size=2)
    assert list(store.rows.values()) == ['{"size": 2}']
    assert stage.value == Cart(2)


def test_a_row_that_is_gone_is_the_default_and_its_key_is_not_used_again() -> None:
    store = Store()
    stage = Stage(store=store)
    stage.update(size=1)
    (old,) = store.rows
    for row in ({}, {old: "no json"}):
        store.rows = dict(row)
        assert stage.value == Cart(0)
    stage.update(size=3)
    assert old not in store.rows


def test_after_clearing_there_is_a_new_key() -> None:
    store = Store()
    stage = Stage(store=store)
    stage.update(size=1)
    (old,) = store.rows
    visit = stage.visit()
    stage.data(visit).clear()
    stage.data(visit).update(size=9)
    stage.leave(visit)
    (new,) = store.rows
    assert new != old
    assert stage.value == Cart(9)


def test_a_store_that_is_away_is_an_error_for_who_asked_only() -> None:
    store = Store()
    stage = Stage(store=store)
    stage.update(size=1)
    store.away = True
    with pytest.raises(OSError, match="away"):
        stage.data()
    visit = stage.visit()
    visit.end()
    (line,) = [each for each in stage.leave(visit) if each.startswith("vestibule-data=")]
    assert "Max-Age=0" in line
    store.away = False
    visit = stage.visit()
    stage.data(visit).update(size=5)
    store.away = True
    with pytest.raises(OSError, match="away"):
        visit.headers()
    assert visit.headers() != []


@pytest.mark.parametrize("days", [0, 20])
def test_what_another_task_did_while_the_store_was_asked_stays(days: int) -> None:
    class Slow(Store):
        meanwhile: Any = None

        def find(self, key: str, /) -> str | None:
            found = super().find(key)
            work, self.meanwhile = self.meanwhile, None
            if work is not None:
                work()
            return found

    store = Slow()
    stage = Stage(store=store)
    stage.update(size=1)
    stage.clock.advance(seconds=days * DAY)
    visit = stage.visit()
    store.meanwhile = lambda: stage.data(visit).update(size=2)
    assert stage.data(visit).value == Cart(2)
    stage.leave(visit)
    assert stage.value == Cart(2)
    visit = stage.visit()
    store.meanwhile = visit.end
    stage.data(visit)
    stage.leave(visit)
    assert store.rows == {}


def test_settling_twice_writes_once() -> None:
    store = Store()
    stage = Stage(store=store)
    visit = stage.visit()
    visit.settle()
    stage.data(visit).update(size=1)
    assert visit.is_unsettled
    visit.settle()
    store.rows.clear()
    visit.settle()
    assert not visit.is_unsettled
    assert store.rows == {}


def test_a_request_that_does_not_ask_has_nothing_to_do() -> None:
    visit = Stage().visit()
    assert not visit.is_unsettled
    assert visit.headers() == []


def test_settings_that_cannot_be() -> None:
    for settings in ({"data_max_age": 0}, {"data_cookie_name": "a b"}, {"data_cookie_name": "wos-session"}):
        with pytest.raises(ConfigError, match="VESTIBULE_DATA"):
            create_config(**settings)
