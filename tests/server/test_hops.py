import asyncio
import threading

import pytest

from vestibule.server.hops import Hops


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
