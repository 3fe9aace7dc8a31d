"""The command as a person runs it who sits at a terminal."""

import contextlib
import os
import pty
import subprocess
from pathlib import Path

from tests.cli.running import VESTIBULE, environment


def at_a_terminal(directory: Path, *arguments: str, typed: str = "", **environ: str) -> tuple[int, str]:
    """The exit code, and everything that was shown."""
    ours, theirs = pty.openpty()
    os.write(ours, typed.encode())
    with subprocess.Popen(
        [VESTIBULE, *arguments],
        cwd=directory,
        env=environment(**{"TERM": "xterm-256color"} | environ),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # what Linux says when the other end is closed
            while part := os.read(ours, 65_536):
                shown += part
        code = process.wait(timeout=60)
    os.close(ours)
    return code, shown.decode("utf-8", "replace")
