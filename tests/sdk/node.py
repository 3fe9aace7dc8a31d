"""The official Node SDK, driven from Python: `node("organizations.createOrganization", {"name": "Acme"})`."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.interop.peers import JS, node
from tests.servers import Running

PACKAGES = {"10.14": "@workos-inc/node", "11.0": "@workos-inc/node-11"}


class NodeError(Exception):
    """What the SDK threw, as its own classes name it."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(json.dumps(error))
        self.name: str = error["name"]
        self.status: int | None = error.get("status")
        self.code: str | None = error.get("code") or error.get("reason")
        self.data: dict[str, Any] = error.get("rawData") or {}
        self.retry_after: float | None = error.get("retryAfter")


class Node:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __call__(self, path: str, *arguments: Any, then: str | None = None) -> Any:
        """Call what `path` names; `then` is called on what it returned."""
        chain = [{"path": path, "args": arguments}]
        if then is not None:
            chain.append({"path": then, "args": []})
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(chain) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise NodeError(answer["error"])
        return answer["result"]


@contextmanager
def running_node(version: str, server: Running, **options: Any) -> Iterator[Node]:
    place = (server.url, server.api_key, server.client_id)
    process = subprocess.Popen(
        [node(), "sdk/door.mjs", PACKAGES[version], *place, json.dumps(options)],
        cwd=JS,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        yield Node(process)
    finally:
        process.communicate(timeout=20)
