"""Large files by a form: who sends one is asked before it is read, and it goes straight to the disk.

The form's other fields come before its file, the token that proves the form among them. So a stranger, or a
form from elsewhere, is refused after the first few lines, whatever else they would send.
"""

import asyncio
import os
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request
from starlette.responses import Response

from vestibule.server import hosted
from vestibule.server.hops import Hops
from vestibule.server.hosted import Page
from vestibule.server.identity.context import Identity

MOST_BEFORE_FILE: Final = 32 * 1024
WRITTEN_AT_ONCE: Final = 1024 * 1024
ADMITTED: Final = HTTPStatus.NO_CONTENT
PREFIX: Final = "vestibule-import-"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that belongs to whoever answers the request: moved away, or deleted."""

    path: Path
    name: str


class NotMultipart(Exception):
    """What came is no such form, or its file came first."""


@dataclass(slots=True)
class _Parts:
    """What the parser calls. `name` is that of the part under way."""

    fields: dict[str, str] = field(default_factory=dict)
    file_name: str | None = None
    pending: bytearray = field(default_factory=bytearray)
    ended: bool = False
    _headers: dict[bytes, bytes] = field(default_factory=dict)
    _header: bytes = b""
    _value: bytes = b""
    _name: str = ""
    _text: bytearray = field(default_factory=bytearray)
    _in_file: bool = False
    _read: int = 0

    def callbacks(self) -> dict[str, Callable[..., None]]:
        names = ("part_begin", "header_field", "header_value", "header_end", "headers_finished")
        return {f"on_{name}": getattr(self, name) for name in (*names, "part_data", "part_end", "end")}

    def part_begin(self) -> None:
        self._headers, self._text, self._in_file = {}, bytearray(), False

    def header_field(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        self._header += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        self._value += data[start:end]

    def header_end(self) -> None:
        self._headers[self._header.lower()] = self._value
        self._header = self._value = b""

    def headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        given = options.get(b"filename")
        if given is not None and self.file_name is None:
            self._in_file, self.file_name = True, given.decode("utf-8", "replace")

    def part_data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self.pending += data[start:end]
            return
        self._count(end - start)
        self._text += data[start:end]

    def part_end(self) -> None:
        if not self._in_file and self.file_name is None:
            self.fields[self._name] = self._text.decode("utf-8", "replace")

    def end(self) -> None:
        self.ended = True

    def _count(self, size: int) -> None:
        self._read += size
        if self._read > MOST_BEFORE_FILE:
            raise NotMultipart


def endpoint(
    page: Page, admit: Page, identity: Identity, hops: Hops
) -> Callable[[Request], Awaitable[Response]]:
    """`admit` answers 204 to whoever may send a file. `page` finds it as `request.state.upload`."""
    ordinary = hosted.endpoint(page, identity, hops)

    async def answer(request: Request) -> Response:
        kind, options = parse_options_header(request.headers.get("content-type", ""))
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            return await ordinary(request)

        async def refusal(form: Mapping[str, str]) -> Response | None:
            response = await hosted.reply(admit, request, identity, hops, form)
            return None if response.status_code == ADMITTED else response

        try:
            received = await _receive(request, boundary, refusal)
        except (NotMultipart, FormParserError):
            return _closing(await hosted.reply(hosted.not_a_form, request, identity, hops, None))
        if isinstance(received, Response):
            return _closing(received)
        form, upload = received
        request.state.upload = upload
        try:
            return await hosted.reply(page, request, identity, hops, form)
        finally:
            if request.state.upload is not None:
                upload.path.unlink(missing_ok=True)

    return answer


async def _receive(
    request: Request, boundary: bytes, refusal: Callable[[Mapping[str, str]], Awaitable[Response | None]]
) -> Response | tuple[Mapping[str, str], Upload]:
    parts = _Parts()
    parser = MultipartParser(boundary, parts.callbacks())  # type: ignore[arg-type]
    handle, name = tempfile.mkstemp(prefix=PREFIX)  # for nobody else's eyes: it may hold hashes
    path, kept, asked = Path(name), False, False
    try:
        with os.fdopen(handle, "wb") as file:
            async with aclosing(_chunks(request)) as chunks:
                async for chunk in chunks:
                    parser.write(chunk)
                    if parts.file_name is not None and not asked:
                        asked = True
                        refused = await refusal(parts.fields)
                        if refused is not None:
                            return refused
                    if len(parts.pending) >= WRITTEN_AT_ONCE:
                        await _write(file.write, parts)
            await _write(file.write, parts)
        if not parts.ended or parts.file_name is None:
            raise NotMultipart
        kept = True
        return parts.fields, Upload(path, parts.file_name)
    finally:
        if not kept:
            with suppress(OSError):
                path.unlink()  # noqa: ASYNC240 - as quick as closing it was


async def _chunks(request: Request) -> AsyncGenerator[bytes, None]:
    async for chunk in request.stream():
        if chunk:
            yield chunk


async def _write(write: Callable[[bytes], object], parts: _Parts) -> None:
    data, parts.pending = bytes(parts.pending), bytearray()
    await asyncio.to_thread(write, data)


def _closing(response: Response) -> Response:
    """The rest of the file is on its way, and nobody will read it."""
    response.headers["connection"] = "close"
    return response
