"""`make bench`: measures everything in one run and writes benchmarks/results.md.

`python -m benchmarks --quick` is for development: short rounds, nothing written. Parts can be named: then
only their rows are written anew, and the table says so.
"""

import argparse
import datetime as dt
import os
import platform
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from benchmarks import adapters, api, client, hosted, identity, pages, searches, sessions, startup, webhooks
from benchmarks.emulator import emulator, is_there
from benchmarks.peers import NODE
from benchmarks.rounds import FULL, QUICK, Pace
from benchmarks.table import Row, markdown

RESULTS = Path(__file__).parent / "results.md"
NOTES = Path(__file__).parent / "notes.md"
# Apart from the others: measured in half a minute, with no peer that has to be built.
BESIDE = Path(__file__).parent / "adapters.md"
ADAPTERS = "guarded page, "
PACKAGES = (
    "cryptography",
    "pybase64",
    "starlette",
    "uvicorn",
    "fastapi",
    "flask",
    "django",
    "litestar",
    "sqlalchemy",
    "argon2-cffi",
    "workos",
    "pyjwt",
)


def api_rows(pace: Pace) -> Iterator[Row]:
    shorter = replace(pace, seconds=min(pace.seconds, 0.3), warm_up=min(pace.warm_up, 1.0))
    with emulator() if is_there() else nullcontext():
        yield from api.rows(shorter)


PARTS: dict[str, Callable[[Pace], Iterator[Row]]] = {
    "sessions": sessions.rows,
    "pages": pages.rows,
    "hosted": hosted.rows,
    "client": client.rows,
    "adapters": adapters.rows,
    "identity": identity.rows,
    "api": api_rows,
    "webhooks": webhooks.rows,
    "searches": searches.rows,
    "startup": startup.rows,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short rounds; writes nothing")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all of them unless named")
    asked = parser.parse_args()
    before = os.getloadavg()
    found: list[Row] = []
    for name in asked.parts or PARTS:
        print(f"--> {name}", flush=True)
        found += PARTS[name](QUICK if asked.quick else FULL)
    print(markdown(found))
    if asked.quick:
        return
    ours = [row for row in found if row.metric.startswith(ADAPTERS)]
    if ours:
        BESIDE.write_text(document("What a guarded page costs", ours, before, adapters.NOTES), "utf-8")
    others = [row for row in found if row not in ours]
    if asked.parts and others:
        RESULTS.write_text(merged(RESULTS.read_text("utf-8"), others, before[0]), "utf-8")
    elif others:
        RESULTS.write_text(document("Measured", others, before, NOTES.read_text("utf-8")), "utf-8")


def merged(text: str, rows: Iterable[Row], load: float) -> str:
    """The document with these rows in place of those of the same name, and a line that says so."""
    new = markdown(rows).splitlines()[2:]
    names = {_name(line) for line in new}
    head, table, notes = _in_three(text.splitlines())
    said = (
        f"By themselves, on {dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC at a load of {load:.1f}: "
        f"{', '.join(sorted({name.partition(',')[0] for name in names}))}.\n"
    )
    return (
        "\n".join([*head, said, *(line for line in table if _name(line) not in names), *new, *notes]) + "\n"
    )


def _name(line: str) -> str:
    return line.split(" | ")[0].removeprefix("| ")


def _in_three(lines: list[str]) -> tuple[list[str], list[str], list[str]]:
    """What stands before the table, the table, and what comes after it."""
    table = [number for number, line in enumerate(lines) if line.startswith("| ")]
    first, last = table[0], table[-1] + 1
    return lines[:first], lines[first:last], lines[last:]


def document(title: str, rows: Iterable[Row], before: tuple[float, float, float], notes: str) -> str:
    node = subprocess.run([str(NODE), "--version"], capture_output=True, text=True, check=True).stdout.strip()
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    cores = len(os.sched_getaffinity(0))
    load = ", ".join(f"{value:.1f}" for value in (before[0], os.getloadavg()[0]))
    return f"""# {title}

Written by `make bench` on {dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC: {processor()}, {cores} cores,
{platform.system()} {platform.machine()}, Python {platform.python_version()}, Node {node}, {versions}.
One-minute load before and after: {load}; the benchmark itself is about 2.

{markdown(rows)}

{notes.strip()}
"""


def processor() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown"
    )


if __name__ == "__main__":
    main()
