"""A protected page over HTTP, against an open one on the same server and against express.

Counted are requests per second of the server's own processor time, all its threads together: what one core
gives when nothing else wants it, whatever the client and its neighbors on this machine take.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import repeat
from pathlib import Path

from benchmarks.load import CONNECTIONS, keep_busy, request
from benchmarks.peers import NODE, ROOT
from benchmarks.rounds import Pace, Rounds, Timer, take_turns
from benchmarks.subject import Subject
from benchmarks.table import Row

CACHES = {
    "uncached": {"token_cache": 0},
    "token cache": {},
    "cookie cache": {"cookie_cache": 1024},
}
CORES = sorted(os.sched_getaffinity(0))
EXPRESS, H3 = "express + authkit-session", "h3 + authkit-session"


def rows(pace: Pace) -> Iterator[Row]:
    subject = Subject()
    with ExitStack() as stack:
        os.sched_setaffinity(0, CORES[:-1] or CORES)
        stack.callback(os.sched_setaffinity, 0, CORES)
        timers: dict[str, Timer] = {}
        python = [sys.executable, "-m", "benchmarks.page_server"]
        open_page = stack.enter_context(serving(python, ROOT, {"protected": False}))
        timers["hello"] = requests_per_second(*open_page, "/hello", subject.cookie)
        for name, settings in CACHES.items():
            order = {"protected": True, "keys": subject.keys, "settings": settings}
            page = stack.enter_context(serving(python, ROOT, order))
            timers[name] = requests_per_second(*page, "/private", subject.cookie)
        for framework in ("express", "h3"):
            order = {"framework": framework, **subject.facts()}
            page = stack.enter_context(serving([str(NODE), "page.mjs"], ROOT / "benchmarks/js", order))
            timers[framework] = requests_per_second(*page, "/private", subject.cookie)
            timers[f"{framework} hello"] = requests_per_second(*page, "/hello", subject.cookie)
        yield from page_rows(take_turns(timers, pace))


def page_rows(rounds: Rounds) -> Iterator[Row]:
    goals = {"uncached": (6, 5, 0.5), "token cache": (None, None, None), "cookie cache": (None, None, 0.9)}
    for name, (against_express, against_h3, against_hello) in goals.items():
        yield _row(rounds, name, EXPRESS, "express", against_express, "x")
        yield _row(rounds, name, H3, "h3", against_h3, "x")
        yield _row(rounds, name, "hello on the same server", "hello", against_hello, "")
    for framework in ("express", "h3"):
        peer, other = f"hello with {framework}", f"{framework} hello"
        yield _row(rounds, "hello", peer, other, None, "x", metric="hello, nobody signed in")


def _row(
    rounds: Rounds, ours: str, peer: str, other: str, goal: float | None, unit: str, *, metric: str = ""
) -> Row:
    return Row(
        metric=metric or f"protected page, {ours}",
        peer=f"{peer}, {rounds[other]:.0f}/s",
        ours=f"{rounds[ours]:.0f}/s",
        measured=rounds.ratio(ours, other),
        unit=unit,
        at_least=goal,
    )


def requests_per_second(port: int, pid: int, path: str, cookie: str) -> Timer:
    text = request("GET", path, cookie=cookie, accept="*/*")

    def timer(seconds: float) -> float:
        before = processor_seconds(pid)
        tally = asyncio.run(keep_busy(port, seconds, [repeat(text) for _ in range(CONNECTIONS)]))
        if tally.refused:
            raise RuntimeError(f"{tally.refused} requests for {path} were refused")
        return len(tally.latencies) / (processor_seconds(pid) - before)

    return timer


def processor_seconds(pid: int) -> float:
    """What all threads of a process have had of the processor."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(each.read_text().split()[0]) for each in threads) / 1e9


@contextmanager
def serving(command: list[str], directory: Path, order: object) -> Iterator[tuple[int, int]]:
    """A server on the last core, which leaves the others to the client; gives its port and process id."""
    server = subprocess.Popen(
        ["taskset", "-c", str(CORES[-1]), *command],
        cwd=directory,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        if server.stdin is None or server.stdout is None:
            raise RuntimeError("the server was started without pipes")
        server.stdin.write(json.dumps(order) + "\n")
        server.stdin.flush()
        yield int(json.loads(server.stdout.readline())["port"]), server.pid
    finally:
        server.terminate()
        server.wait(timeout=10)
