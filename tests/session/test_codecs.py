"""App data between Python and JSON."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, NewType, TypedDict
from uuid import UUID

import pytest

from vestibule.errors import ConfigError
from vestibule.session.codecs import shape_of


class Theme(Enum):
    DARK = "dark"
    LIGHT = "light"


class Address(TypedDict, total=False):
    city: str
    zip: int


@dataclass(frozen=True)
class Item:
    sku: str
    count: int = 1


@dataclass(frozen=True)
class Cart:
    items: list[Item] = field(default_factory=list)
    note: str | None = None
    theme: Theme = Theme.LIGHT
    total: Decimal = Decimal(0)
    price: float = 0.0
    seen: frozenset[str] = frozenset()
    pair: tuple[int, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    at: dt.datetime | None = None
    day: dt.date | None = None
    hour: dt.time | None = None
    id: UUID | None = None
    size: Literal["s", "m", 1] = "s"
    address: Address = field(default_factory=Address)
    extra: Any = None
    codes: Sequence[str] = field(default_factory=list)
    rest: Mapping[str, bool] = field(default_factory=dict)
    gift: bool = False
    derived: int = field(init=False, default=7)


FULL = Cart(
    items=[Item("a", 2)],
    note="é",
    theme=Theme.DARK,
    total=Decimal("1.10"),
    price=2.5,
    seen=frozenset({"x"}),
    pair=(1, 2),
    counts={"a": 1},
    at=dt.datetime(2030, 1, 1, tzinfo=dt.UTC),
    day=dt.date(2030, 1, 1),
    hour=dt.time(12, 30),
    id=UUID(int=1),
    size=1,
    address={"city": "Ghent", "zip": 9000},
    extra={"a": [1]},
    codes=["q"],
    rest={"k": True},
    gift=True,
)


def test_what_is_written_is_read_again() -> None:
    shape = shape_of(Cart)
    for value in (Cart(), FULL):
        assert shape.read(json.loads(json.dumps(shape.write(value)))) == (value, ())


WRONG: dict[str, Any] = {
    "items": [{"count": 1}],
    "note": 3,
    "theme": "blue",
    "total": "much",
    "price": "1",
    "seen": "x",
    "pair": [1, "2"],
    "counts": {"a": "1"},
    "at": "yesterday",
    "day": 5,
    "hour": [],
    "id": "no",
    "size": True,
    "address": {"zip": "B"},
    "rest": [],
    "gift": 1,
}


@pytest.mark.parametrize("name", WRONG)
def test_a_field_of_another_type_has_its_default_and_is_named(name: str) -> None:
    shape = shape_of(Cart)
    written: Any = shape.write(FULL)
    value, bad = shape.read({**written, name: WRONG[name], "gone": 1})
    assert bad == (name,)
    assert getattr(value, name) == getattr(Cart(), name)
    assert value.extra == FULL.extra


@pytest.mark.parametrize("data", [None, [], "x", 3])
def test_what_is_no_object_is_the_default(data: Any) -> None:
    assert shape_of(Cart).read(data) == (Cart(), ("value",))
    assert shape_of(Address).read(data) == ({}, ("value",))
    assert shape_of(None).read(data) == ({}, ("value",))


def test_an_item_that_is_no_object_is_no_item() -> None:
    assert shape_of(Cart).read({"items": [3]}) == (Cart(), ("items",))


def test_a_class_that_does_not_like_its_values_is_the_default() -> None:
    assert shape_of(Strict).read({"age": -1}) == (Strict(), ("value",))


@dataclass(frozen=True)
class Strict:
    age: int = 0

    def __post_init__(self) -> None:
        if self.age < 0:
            raise ValueError("age")


def test_a_typed_dict_keeps_what_fits() -> None:
    shape = shape_of(Address)
    assert shape.read({"city": "Ghent", "zip": "x", "more": 1}) == ({"city": "Ghent"}, ("zip",))
    assert shape.changed({"city": "Ghent"}, {"zip": 9000}) == {"city": "Ghent", "zip": 9000}


def test_a_plain_dict_keeps_everything() -> None:
    for kind in (None, dict, dict[str, Any]):
        assert shape_of(kind).read({"a": [1]}) == ({"a": [1]}, ())


class Numbers:
    """A codec of the app's own."""

    def default(self) -> set[int]:
        return set()

    def encode(self, value: set[int]) -> Any:
        return sorted(value)

    def decode(self, data: Any) -> set[int]:
        if not isinstance(data, list):
            raise ValueError("no list")
        return set(data)


def test_a_codec_of_the_apps_own() -> None:
    shape = shape_of(Numbers())
    assert shape.default() == set()
    assert shape.write({2, 1}) == [1, 2]
    assert shape.read([1]) == ({1}, ())
    assert shape.read({}) == (set(), ("value",))
    assert shape.changed({1}, {}) == {1}
    with pytest.raises(TypeError, match="whole value"):
        shape.changed({1}, {"a": 1})


@dataclass
class Tree:
    branches: "list[Tree]" = field(default_factory=list)


def test_a_type_may_hold_itself() -> None:
    shape = shape_of(Tree)
    tree = Tree([Tree(), Tree([Tree()])])
    assert shape.read(json.loads(json.dumps(shape.write(tree)))) == (tree, ())


@dataclass
class Needy:
    who: str


@dataclass
class Odd:
    file: bytes = b""


@pytest.mark.parametrize("kind", [Needy, Odd, int, "Cart", NewType("Id", int)])
def test_what_cannot_be_kept_is_refused(kind: Any) -> None:
    with pytest.raises(ConfigError):
        shape_of(kind)


@pytest.mark.parametrize("value", [{"a": object()}, {"a": b"x"}, {1: "x"}])
def test_what_json_cannot_carry_is_an_error_at_once(value: Any) -> None:
    with pytest.raises(TypeError):
        shape_of(None).write(value)
