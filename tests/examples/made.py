"""An example whose one command is `make`: as its reader starts it, but on free ports."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2

from tests.e2e.stack import BIN, STARTING_SECONDS, STOPPING_SECONDS, free_ports
from tests.examples.running import EXAMPLES, command

PORTS = re.compile(r"^(?:export )?([A-Z]+_PORT) \?= \d+$", re.MULTILINE)


@contextmanager
def made(
    name: str, directory: Path, environ: Mapping[str, str] | None = None, *, door: str = "dev"
) -> Iterator[str]:
    """The app's address. `environ`: beyond what everybody's shell has; a provider whose credentials are there
    is not started. `door`: another one of the Makefile."""
    environ = environ or {}
    names = PORTS.findall((EXAMPLES / name / "Makefile").read_text("utf-8"))
    ports = dict(zip(names, free_ports(*[0] * len(names)), strict=True))
    assert command(name) == f"make -C examples/{name} dev"
    argv = ["make", "-C", str(EXAMPLES / name), door, *(f"{name}={port}" for name, port in ports.items())]
    kept = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
    path = f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    log = directory / f"{name}.txt"
    with log.open("w") as out:
        process = subprocess.Popen(
            argv,
            env={**kept, "PATH": path, **environ},
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    app = f"http://localhost:{ports['APP_PORT']}"
    try:
        for each, port in ports.items():
            if f"{each.removesuffix('_PORT')}_CLIENT_ID" not in environ:
                _wait_for(f"http://localhost:{port}/", process, log)
        yield app
    finally:
        with suppress(ProcessLookupError):  # it ended by itself
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=STOPPING_SECONDS)


def _wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with suppress(httpx2.TransportError):
            httpx2.get(url, timeout=5)
            return
        time.sleep(0.1)
    raise AssertionError(f"{url} did not answer:\n{log.read_text('utf-8')}")
