"""A client that keeps a server busy over a few connections, cheap enough to leave the server its core."""

import asyncio
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

CONNECTIONS = 16


@dataclass(slots=True)
class Tally:
    """`latencies` are seconds. Answers that are no success are counted in `refused`."""

    seconds: float = 0.0
    refused: int = 0
    latencies: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class Connection:
    """One request after the other over one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int) -> "Connection":
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return cls(reader, writer)

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        return int(head[9:12]), await self._reader.readexactly(length)

    def close(self) -> None:
        self._writer.close()


async def keep_busy(
    port: int, seconds: float, requests: Sequence[Iterator[bytes]], *, pause: float = 0.0
) -> Tally:
    """One connection for each of `requests`, which are sent each answer and give the next request."""
    tally = Tally()
    connections = [await Connection.open(port) for _ in requests]
    started = time.perf_counter()
    until = started + seconds

    async def work(connection: Connection, source: Iterator[bytes]) -> None:
        request = next(source)
        while time.perf_counter() < until:
            sent = time.perf_counter()
            status, body = await connection.ask(request)
            tally.latencies.append(time.perf_counter() - sent)
            tally.refused += not 200 <= status < 300
            request = source.send(body) if hasattr(source, "send") else next(source)
            if pause:
                await asyncio.sleep(pause)

    await asyncio.gather(*(work(each, source) for each, source in zip(connections, requests, strict=True)))
    tally.seconds = time.perf_counter() - started
    for connection in connections:
        connection.close()
    return tally


def request(method: str, path: str, *, body: bytes = b"", **headers: str) -> bytes:
    fields = {"host": "localhost", "content-length": str(len(body))} if body else {"host": "localhost"}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in {**fields, **headers}.items()]
    return f"{method} {path} HTTP/1.1\r\n".encode() + "\r\n".join(lines).encode() + b"\r\n\r\n" + body
