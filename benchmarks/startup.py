"""What an import costs over bare Python, how soon the server answers, and the memory it takes."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import httpx2

from benchmarks.emulator import emulator, is_there
from benchmarks.identity import serving
from benchmarks.pages import serving as serving_page
from benchmarks.peers import NODE, ROOT
from benchmarks.rounds import Pace, Rounds
from benchmarks.subject import Subject
from benchmarks.table import Row

IMPORTS = {
    "bare": "pass",
    "toolkit": "import vestibule, vestibule.asgi",
    "starlette": "import starlette.applications, starlette.routing",
    "adapter": "import vestibule.starlette",
    "workos": "import workos; workos.WorkOSClient",
}


def rows(pace: Pace) -> Iterator[Row]:
    rounds = imports(pace.rounds)
    cost = {name: rounds[name] - rounds["bare"] for name in IMPORTS}
    for peer in ("workos", "starlette"):
        yield Row(
            metric="import of the toolkit",
            peer=f"{peer}, {cost[peer]:.0f} ms over bare Python",
            ours=f"{cost['toolkit']:.0f} ms over bare Python",
            measured=cost["toolkit"] if peer == "workos" else None,
            unit=" ms",
            at_most=120 if peer == "workos" else None,
        )
    yield from server_rows(min(pace.rounds, 5))


def server_rows(times: int) -> Iterator[Row]:
    new, again, memory = [], [], []
    others: dict[str, list[tuple[float, float]]] = {name: [] for name in peers()}
    for _turn in range(times):
        with TemporaryDirectory() as directory:
            new.append(server_start(Path(directory))[0])
            seconds, resident = server_start(Path(directory))
            again.append(seconds)
            memory.append(resident)
        for name, start in peers().items():
            others[name].append(start())
    yield from own_rows(new, again, memory)
    for name, seen in others.items():
        seconds, resident = (median(values) for values in zip(*seen, strict=True))
        yield Row(
            metric="server start to first 200",
            peer=f"{name}, {seconds:.2f} s",
            ours=f"{median(again):.2f} s",
        )
        yield Row(metric="server memory", peer=f"{name}, {resident:.0f} MB", ours=f"{median(memory):.0f} MB")


def own_rows(new: list[float], again: list[float], memory: list[float]) -> Iterator[Row]:
    made = "a new SQLite database: tables, signing key, demo user"
    for peer, seconds in {"its database is there": median(again), made: median(new)}.items():
        yield Row(
            metric="server start to first 200",
            peer=peer,
            ours=f"{seconds:.2f} s",
            measured=seconds,
            unit=" s",
            at_most=0.4,
        )
    yield Row(
        metric="server memory",
        peer="resident, after the first request",
        ours=f"{median(memory):.0f} MB",
        measured=median(memory),
        unit=" MB",
        at_most=64,
    )


def imports(times: int) -> Rounds:
    values: dict[str, list[float]] = {name: [] for name in IMPORTS}
    for turn in range(times + 1):
        for name, code in IMPORTS.items():
            started = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
            if turn:  # the first writes the compiled modules
                values[name].append((time.perf_counter() - started) * 1000)
    return Rounds(values)


def server_start(directory: Path) -> tuple[float, float]:
    """Seconds to the first 200, and megabytes then."""
    started = time.perf_counter()
    with serving("sqlite:///bench.db", directory) as server:
        httpx2.get(f"http://127.0.0.1:{server.port}/healthz").raise_for_status()
        return time.perf_counter() - started, resident_megabytes(server.pid)


def peers() -> dict[str, Callable[[], tuple[float, float]]]:
    """Each starts once, and tells the seconds to its first 200 and the megabytes then."""
    facts = Subject().facts()
    found: dict[str, Callable[[], tuple[float, float]]] = {
        f"{framework} + authkit-session": lambda framework=framework: page_start(framework, facts)  # type: ignore[misc]
        for framework in ("express", "h3")
    }
    if is_there():
        found["@workos/emulate, in memory"] = emulator_start
    return found


def page_start(framework: str, facts: dict[str, object]) -> tuple[float, float]:
    started = time.perf_counter()
    order = {"framework": framework, **facts}
    with serving_page([str(NODE), "page.mjs"], ROOT / "benchmarks/js", order) as (port, pid):
        httpx2.get(f"http://127.0.0.1:{port}/hello").raise_for_status()
        return time.perf_counter() - started, resident_megabytes(pid)


def emulator_start() -> tuple[float, float]:
    started = time.perf_counter()
    with emulator() as pid:
        return time.perf_counter() - started, resident_megabytes(pid)


def resident_megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(resident.split()[1]) / 1024
