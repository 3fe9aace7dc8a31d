"""WorkOS's own emulator, which keeps everything in memory: a peer when somebody has built one from source.

`EMULATOR` is its address, and `EMULATOR_START` the command that starts it there.
"""

import os
import shlex
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2


def is_there() -> bool:
    return {"EMULATOR", "EMULATOR_START"} <= os.environ.keys()


@contextmanager
def emulator() -> Iterator[int]:
    """Started, and answering; gives its process id."""
    process = subprocess.Popen(
        shlex.split(os.environ["EMULATOR_START"]), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(time.perf_counter() + 30)
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(until: float) -> None:
    while True:
        try:
            httpx2.get(f"{os.environ['EMULATOR']}/health", timeout=1).raise_for_status()
            return
        except httpx2.HTTPError:
            if time.perf_counter() > until:
                raise
            time.sleep(0.005)
