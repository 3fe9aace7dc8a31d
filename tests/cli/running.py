"""The command, run as a person runs it: a process of its own, in a directory of its own."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vestibule.cli.program import run

VESTIBULE = Path(sys.executable).with_name("vestibule")


@dataclass(frozen=True, slots=True)
class Done:
    code: int
    out: str
    err: str


def environment(**more: str) -> dict[str, str]:
    """Without what this machine may have set."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VESTIBULE", "WORKOS"))}
    return kept | more


def inside(directory: Path, *arguments: str, **more: str) -> Done:
    """The same without a process of its own, which takes a second to start."""
    out, err = io.StringIO(), io.StringIO()
    former = dict(os.environ)
    wanted = environment(**more)
    os.environ.clear()
    os.environ.update(wanted)
    try:
        with contextlib.chdir(directory), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run(list(arguments))
    finally:
        os.environ.clear()
        os.environ.update(former)
    return Done(code, out.getvalue(), err.getvalue())


def vestibule(directory: Path, *arguments: str, stdin: str = "", **more: str) -> Done:
    done = subprocess.run(
        [VESTIBULE, *arguments],
        cwd=directory,
        env=environment(**more),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


@dataclass(slots=True)
class Serving:
    process: subprocess.Popen[str] = field(repr=False)
    ready: Mapping[str, Any] = field(repr=False)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=30)


@contextlib.contextmanager
def serving(directory: Path, *arguments: str, **more: str) -> Iterator[Serving]:
    """`vestibule serve --json`, once it is ready."""
    command = [VESTIBULE, "serve", "--json", *arguments]
    with (
        (directory / "serve.log").open("w") as log,
        subprocess.Popen(
            command, cwd=directory, env=environment(**more), stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, (directory / "serve.log").read_text()
            yield Serving(process, json.loads(line))
        finally:
            if process.poll() is None:
                process.kill()
