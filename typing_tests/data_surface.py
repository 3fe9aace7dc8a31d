"""App data and the app's own user keep their types through FastAPI's annotations."""

from dataclasses import dataclass
from typing import assert_type

from vestibule.fastapi import AppData, CurrentUser
from vestibule.session.data import Data


@dataclass(frozen=True)
class Cart:
    size: int = 0


@dataclass(frozen=True)
class Person:
    name: str


async def handler(cart: AppData[Cart], person: CurrentUser[Person]) -> None:
    assert_type(cart, Data[Cart])
    assert_type(cart.value, Cart)
    assert_type(cart.value.size, int)
    cart.update(Cart(1))
    cart.update(size=2)
    assert_type(person, Person)
