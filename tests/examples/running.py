"""An example as its reader runs it: copied to an empty directory, started by the command of its README."""

import re
import shlex
import shutil
import sys
from pathlib import Path

from tests.e2e.stack import Stack

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
PORTS = ("8100", "8000")
"""Of the server and the app, as the READMEs have them; a test takes free ones."""


def names() -> list[str]:
    """Every example that is one app in one command; `demo` belongs to `make dev`, and those with a front end
    of their own to tests/frontends."""
    apps = (readme.parent for readme in EXAMPLES.glob("*/README.md"))
    return sorted(app.name for app in apps if not (app / "Makefile").exists())


def command(name: str) -> str:
    (block,) = re.findall(
        r"^```sh\n(.*?)^```", (EXAMPLES / name / "README.md").read_text("utf-8"), re.M | re.S
    )
    assert block.count("\n") == 1, "one command, on one line"
    return str(block).strip()


class Example(Stack):
    def __init__(self, name: str, directory: Path) -> None:
        copied = directory / name
        left_out = shutil.ignore_patterns("__pycache__", ".*")
        shutil.copytree(EXAMPLES / name, copied, ignore=left_out)
        super().__init__(copied)
        self._command = command(name)

    def argv(self, server_port: str, app_port: str) -> list[str]:
        for shown, free in zip(PORTS, (server_port, app_port), strict=True):
            assert shown in self._command
            self._command = self._command.replace(shown, free)
        program, *arguments = shlex.split(self._command)
        assert program == "vestibule"
        return [str(Path(sys.executable).parent / program), *arguments]


class AgainstWorkOS(Example):
    """What stands behind `--`, by itself."""

    def argv(self, server_port: str, app_port: str) -> list[str]:
        whole = super().argv(server_port, app_port)
        return whole[whole.index("--") + 1 :]

    def environment(self) -> dict[str, str]:
        return super().environment() | {
            "WORKOS_CLIENT_ID": "client_of_workos",
            "WORKOS_API_KEY": "sk_test_of_workos",
            "WORKOS_REDIRECT_URI": f"{self.app}/auth/callback",
            "WORKOS_COOKIE_PASSWORD": "a password for this test, long enough",
        }

    def wait(self) -> None:
        self.wait_for(f"{self.app}/")
