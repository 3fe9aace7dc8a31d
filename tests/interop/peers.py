"""The official JavaScript packages, asked over a pipe."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

JS = Path(__file__).parent.parent / "js"
NAMES = ("authkit-session", "iron-session", "workos-node")


class PeerError(Exception):
    """The peer threw; the text is its error's name and message."""


class Peers:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, peer: str, operation: str, **arguments: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        line = json.dumps({"peer": peer, "operation": operation, **arguments})
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise PeerError(answer["error"])
        return answer["result"]


def node() -> str:
    """Node as pinned beside Python, else the machine's."""
    local = Path(sys.executable).with_name("node")
    found = str(local) if local.exists() else shutil.which("node")
    assert found, "these tests need Node"
    assert (JS / "node_modules").is_dir(), (
        "these tests need the packages: `npm ci` in tests/js, or `make test`"
    )
    return found


@contextmanager
def running() -> Iterator[Peers]:
    process = subprocess.Popen(
        [node(), "peers.mjs"],
        cwd=JS,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        yield Peers(process)
    finally:
        process.communicate(timeout=20)
