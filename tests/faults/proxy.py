"""A proxy between app and identity server that does to replies what networks do."""

import asyncio
import contextlib
import threading
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

Writer: TypeAlias = asyncio.StreamWriter
Reply: TypeAlias = Callable[[], Awaitable[bytes]]
Fault: TypeAlias = Callable[[Reply, Writer], Awaitable[None]]
Chooses: TypeAlias = Callable[[str], "Fault | None"]

LONG = 600.0


async def passed(reply: Reply, writer: Writer) -> None:
    writer.write(await reply())


async def dropped(reply: Reply, writer: Writer) -> None:
    """The server did its work; its answer never arrives."""
    await reply()


async def hanging(reply: Reply, writer: Writer) -> None:
    await asyncio.sleep(LONG)


async def slow(reply: Reply, writer: Writer) -> None:
    """One byte a second."""
    for byte in await reply():
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(1)


def delayed(seconds: float) -> Fault:
    async def fault(reply: Reply, writer: Writer) -> None:
        answer = await reply()
        await asyncio.sleep(seconds)
        writer.write(answer)

    return fault


def cut(after: int) -> Fault:
    async def fault(reply: Reply, writer: Writer) -> None:
        writer.write((await reply())[:after])

    return fault


def answering(status: str, kind: str, body: bytes) -> Fault:
    """Something between says this, and the server is never asked."""

    async def fault(reply: Reply, writer: Writer) -> None:
        head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)

    return fault


class EdgeCache:
    """A content network: one answer, for `seconds` of the given clock, whatever the origin says meanwhile."""

    def __init__(self, clock: Callable[[], float], *, seconds: float) -> None:
        self.served_old = 0
        self._clock = clock
        self._seconds = seconds
        self._kept: tuple[float, bytes] | None = None

    async def fault(self, reply: Reply, writer: Writer) -> None:
        now = self._clock()
        if self._kept is None or now - self._kept[0] >= self._seconds:
            self._kept = now, await reply()
        else:
            self.served_old += 1
        writer.write(self._kept[1])


FAULTS = MappingProxyType(
    {
        "hanging": hanging,
        "slow": slow,
        "dropped": dropped,
        "cut off": cut(120),
        "500": answering("500 Internal Server Error", "text/plain", b"oops"),
        "HTML": answering("200 OK", "text/html", b"<!doctype html><title>Wi-Fi sign-in</title>"),
        "truncated": answering("200 OK", "application/json", b'{"user": {"id": "user_01'),
        "empty": answering("200 OK", "application/json", b""),
    }
)


@dataclass(frozen=True, slots=True)
class _Exchange:
    ports: Sequence[int]
    head: bytes
    body: bytes

    async def reply(self) -> bytes:
        """Asked on a connection of its own, so that the end of the answer is the end of the connection."""
        reader, writer = await self._connect()
        lines = [
            line for line in self.head.split(b"\r\n") if line and not line.lower().startswith(b"connection:")
        ]
        writer.write(b"\r\n".join([*lines, b"connection: close", b"", b""]) + self.body)
        try:
            return await reader.read()
        finally:
            writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, Writer]:
        """The first that accepts."""
        for port in self.ports[:-1]:
            with contextlib.suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", port)
        return await asyncio.open_connection("127.0.0.1", self.ports[-1])


class FaultProxy:
    """`chooses(path)` says what happens to the reply; None lets it pass. `seen` counts the paths."""

    def __init__(self, *target_ports: int) -> None:
        self.chooses: Chooses = lambda path: None
        self.seen: Counter[str] = Counter()
        self.port = 0
        self._targets = deque(target_ports)  # they take turns
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self.accept()

    def accept(self) -> None:
        """Listen, again on the same port after a `refuse`."""
        self._call(self._listen())

    def refuse(self) -> None:
        """Nobody listens any more."""
        self._call(self._close())

    def close(self) -> None:
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, work: Awaitable[None]) -> None:
        async def run() -> None:
            await work

        asyncio.run_coroutine_threadsafe(run(), self._loop).result(timeout=10)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await asyncio.sleep(0.01)  # closed connections go with the loop's next turns

    def _accepted(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        task = asyncio.ensure_future(self._exchange(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _exchange(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        with contextlib.closing(writer), contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                (
                    int(line.partition(b":")[2])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length:")
                ),
                0,
            )
            body = await reader.readexactly(length)
            path = head.split(b" ")[1].decode()
            self.seen[path] += 1
            fault = self.chooses(path) or passed
            self._targets.rotate()
            await fault(_Exchange(list(self._targets), head, body).reply, writer)
            await writer.drain()


@contextlib.contextmanager
def fault_proxy(*target_ports: int) -> Iterator[FaultProxy]:
    proxy = FaultProxy(*target_ports)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.close()
