"""What passed between a client and the server, held against the published interface."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.server.api.specification import problems_of, specification, template_of
from vestibule.server.api.routes import OPERATIONS

PATTERNS = [
    (re.compile(re.sub(r"{\w+}", "[^/]+", each.path)), each.path)
    for each in sorted(OPERATIONS, key=lambda each: each.path.count("{"))
]


@dataclass(frozen=True, slots=True)
class Exchange:
    method: str
    path: str
    agent: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)

    @property
    def template(self) -> str | None:
        """As the interface writes the path, or as we do where it does not know it."""
        ours = next((template for pattern, template in PATTERNS if pattern.fullmatch(self.path)), None)
        return template_of(self.path) or ours

    @property
    def operation(self) -> str:
        return f"{self.method} {self.template}"

    def problems(self) -> Iterator[str]:
        described = specification()["paths"].get(self.template, {})
        if self.method.lower() not in described:
            return
        request = httpx2.Request(self.method, f"http://localhost{self.path}")
        response = httpx2.Response(
            self.status, headers=list(self.headers), content=self.body, request=request
        )
        for problem in problems_of(response, str(self.template), self.method.lower()):
            yield f"{self.operation} {self.status}: {problem} {self.body[:300]!r}"


class Recorder:
    """Wraps the app. `since` gives what passed after a number of exchanges."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []

    def __len__(self) -> int:
        return len(self.exchanges)

    def since(self, start: int) -> list[Exchange]:
        return self.exchanges[start:]

    def watch(self, app: Any) -> Any:
        async def watched(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            sent: list[dict[str, Any]] = []

            async def keep(message: Any) -> None:
                sent.append(message)
                if message["type"] == "http.response.body" and not message.get("more_body"):
                    self.exchanges.append(_exchange(scope, sent))
                await send(message)

            await app(scope, receive, keep)

        return watched


def _exchange(scope: Any, sent: list[dict[str, Any]]) -> Exchange:
    asked = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
    return Exchange(
        method=scope["method"],
        path=scope["path"],
        agent=asked.get("user-agent", ""),
        status=sent[0]["status"],
        headers=tuple((name.decode(), value.decode("latin-1")) for name, value in sent[0]["headers"]),
        body=b"".join(message.get("body", b"") for message in sent[1:]),
    )
