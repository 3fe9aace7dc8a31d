"""What git says about a directory; None where there is no git or no repository."""

import shutil
import subprocess
from pathlib import Path


def _git(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str] | None:
    program = shutil.which("git")
    if program is None:
        return None
    try:
        return subprocess.run(  # noqa: S603 - a fixed program; the arguments are ours
            [program, *arguments], cwd=directory, capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None


def in_repository(directory: Path) -> bool:
    done = _git(directory, "rev-parse", "--is-inside-work-tree")
    return done is not None and done.returncode == 0 and done.stdout.strip() == "true"


def ignores(directory: Path, name: str) -> bool | None:
    if not in_repository(directory):
        return None
    done = _git(directory, "check-ignore", "--quiet", "--no-index", name)
    return None if done is None or done.returncode > 1 else done.returncode == 0


def tracks(directory: Path, name: str) -> bool | None:
    if not in_repository(directory):
        return None
    done = _git(directory, "ls-files", "--error-unmatch", name)
    return None if done is None else done.returncode == 0
