"""The two kinds of entry offer the same, and hooks of either kind run in both."""

import asyncio
import inspect
import threading
from typing import Any

import pytest

from vestibule.entry import AsyncEntry, BlockingEntry, Entry, call_hook, call_hook_blocking

# For code of an awaited app that runs in a worker thread, and where an adapter chooses the thread of hooks.
ONLY_AWAITED = {"guard_blocking", "call"}


def offered(kind: type[Entry]) -> dict[str, Any]:
    return {name: value for name, value in vars(kind).items() if not name.startswith("_")}


def test_what_one_kind_offers_the_other_offers_too() -> None:
    assert offered(AsyncEntry).keys() - ONLY_AWAITED == offered(BlockingEntry).keys()


@pytest.mark.parametrize("name", sorted(offered(BlockingEntry)))
def test_both_are_called_alike(name: str) -> None:
    blocking, awaited = offered(BlockingEntry)[name], offered(AsyncEntry)[name]
    if not inspect.isfunction(blocking):
        assert type(blocking) is type(awaited)
        return
    assert inspect.iscoroutinefunction(awaited)
    assert not inspect.iscoroutinefunction(blocking)
    assert [str(each) for each in inspect.signature(blocking).parameters.values()] == [
        str(each) for each in inspect.signature(awaited).parameters.values()
    ]


class Hook:
    async def __call__(self, argument: object) -> object:
        return argument


async def waiting(argument: object) -> object:
    return argument


@pytest.mark.parametrize(
    "hook", [waiting, Hook(), lambda argument: argument], ids=["async", "object", "plain"]
)
def test_a_hook_of_any_kind_runs_in_both_ways(hook: Any) -> None:
    assert asyncio.run(call_hook(hook, 1)) == 1
    assert call_hook_blocking(hook, 2) == 2


def test_no_hook_is_fine() -> None:
    assert asyncio.run(call_hook(None, 1)) is None
    assert call_hook_blocking(None, 1) is None


def test_a_blocking_hook_does_not_stop_the_loop() -> None:
    threads: list[int] = []
    asyncio.run(call_hook(lambda _: threads.append(threading.get_ident()), None))
    assert threads != [threading.get_ident()]
