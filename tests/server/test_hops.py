import asyncio
import threading

import anyio
import pytest

from vestibule.server.hops import Hops, Overloaded


def test_work_that_hashes_never_takes_the_threads_of_the_rest() -> None:
    release = threading.Event()

    async def scenario() -> tuple[str, list[str]]:
        hops = Hops(threads=2, hashing=1)

        def hash_slowly() -> str:
            release.wait(10)
            return "hashed"

        hashing = [asyncio.create_task(hops.run(hash_slowly, hashes=True)) for _ in range(5)]
        await asyncio.sleep(0)
        other = await asyncio.wait_for(hops.run(lambda: "refreshed"), 5)
        release.set()
        return other, await asyncio.gather(*hashing)

    assert asyncio.run(scenario()) == ("refreshed", ["hashed"] * 5)


def test_what_the_work_raises_is_raised_here() -> None:
    async def scenario() -> None:
        await Hops().run(int, "not a number")

    with pytest.raises(ValueError, match="not a number"):
        asyncio.run(scenario())


def test_who_waits_too_long_for_a_thread_is_told_and_leaves_the_queue() -> None:
    release, begun = threading.Event(), list[str]()

    async def scenario() -> None:
        hops = Hops(threads=1, patience=0.01)
        slow = asyncio.create_task(hops.run(release.wait, 10))
        await asyncio.sleep(0.01)
        for _ in range(3):
            with pytest.raises(Overloaded):
                await hops.run(begun.append, "nobody waits for this")
        release.set()
        assert await slow
        await hops.run(begun.append, "afterwards")

    asyncio.run(scenario())
    assert begun == ["afterwards"]


def test_work_that_has_begun_is_finished_and_gives_its_thread_back() -> None:
    release, begun, done = threading.Event(), threading.Event(), list[str]()

    def work() -> None:
        begun.set()
        release.wait(10)
        done.append("committed")

    async def scenario() -> None:
        hops = Hops(threads=1)
        async with anyio.create_task_group() as group:
            group.start_soon(hops.run, work)
            await asyncio.to_thread(begun.wait, 10)
            group.cancel_scope.cancel()
            release.set()
        assert done == ["committed"]
        await asyncio.wait_for(hops.run(str), 5)

    asyncio.run(scenario())
