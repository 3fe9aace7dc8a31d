"""A pytest of its own, as in somebody's project."""

import subprocess
import sys
from pathlib import Path

# What else is installed here and takes seconds to start.
OTHERS = ("schemathesis", "hypothesispytest", "faker", "pytest_cov")


def run(directory: Path, *arguments: str) -> str:
    """Everything it printed."""
    others = [word for name in OTHERS for word in ("-p", f"no:{name}")]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *others, *arguments]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=300, check=False)
    return done.stdout + done.stderr
