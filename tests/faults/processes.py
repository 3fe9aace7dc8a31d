"""Processes of the tests' own: started with one JSON argument, waited for, and never left behind."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
KEPT = ("PATH", "PYTHONPATH", "HOME", "LANG", "COVERAGE_PROCESS_START")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def running(module: str, job: Mapping[str, Any], **options: Any) -> Iterator[subprocess.Popen[str]]:
    """`python -m module JSON` in a process group of its own, killed at the end with all its children."""
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    with subprocess.Popen(
        [sys.executable, "-m", module, json.dumps(job)],
        cwd=ROOT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        start_new_session=True,
        **options,
    ) as process:
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def answers(url: str) -> bool:
    try:
        return httpx2.get(url, timeout=2).status_code == 200
    except httpx2.HTTPError:
        return False


def wait_until(happened: Callable[[], bool], *, seconds: float = PATIENCE) -> float:
    """How long it took. The bound is for a test that went wrong, not for judging speed."""
    began = time.monotonic()
    while not happened():
        assert time.monotonic() - began < seconds, f"it did not happen within {seconds:g} s"
        time.sleep(0.05)
    return time.monotonic() - began
