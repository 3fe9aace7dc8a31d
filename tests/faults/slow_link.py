"""A PostgreSQL that answers late: what clients write waits for `delay` seconds on its way to the real one."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

SOCKET = ".s.PGSQL.5432"


class SlowLink:
    def __init__(self, behind: Path, directory: Path) -> None:
        self.delay = 0.0
        self._behind = str(behind / SOCKET)
        self._path = str(directory / SOCKET)
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="slow link", daemon=True)

    def start(self) -> None:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(timeout=10)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> None:
        self._server = await asyncio.start_unix_server(self._accepted, self._path)

    async def _close(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0.01)

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._link(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, asks = await asyncio.open_unix_connection(self._behind)
        with contextlib.closing(writer), contextlib.closing(asks), contextlib.suppress(OSError):
            ways = [
                asyncio.ensure_future(self._carry(reader, asks, slowly=True)),
                asyncio.ensure_future(self._carry(answers, writer, slowly=False)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, slowly: bool
    ) -> None:
        while data := await reader.read(65_536):
            if slowly and self.delay:
                await asyncio.sleep(self.delay)
            writer.write(data)
            await writer.drain()


@contextlib.contextmanager
def slow_link(behind: Path, directory: Path) -> Iterator[SlowLink]:
    """In front of the cluster whose socket is in `behind`; connect to `host=directory` instead."""
    link = SlowLink(behind, directory)
    link.start()
    try:
        yield link
    finally:
        link.stop()
