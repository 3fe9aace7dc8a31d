"""docs/tutorial.md, followed word by word in an empty directory: its commands, its files, its outputs."""

import contextlib
import importlib.metadata
import os
import re
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest

from tests.e2e.stack import BIN, STOPPING_SECONDS, free_ports
from tests.project.tree import ROOT
from tests.server.hosted import follow, submit

pytestmark = pytest.mark.slow

PAGE = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
BLOCK = re.compile(r"^```(sh|python|text)\n(.*?)^```", re.M | re.S)
FILE = re.compile(r"(Save this as|Add this to the end of) `([^`]+)`:\s*\Z")
NAVIGATE = {"accept": "text/html", "sec-fetch-mode": "navigate", "sec-fetch-site": "none"}
MARY, PASSWORD = "mary@example.com", "seven green bottles"
CHANGE = re.compile(r"In `([^`]+)`, replace `([^`]+)` by:\s*\Z")
MOST_COMMANDS = 40
PATIENCE = 90


@dataclass(frozen=True, slots=True)
class Block:
    kind: str
    text: str
    before: str


def blocks() -> Iterator[Block]:
    end = 0
    for found in BLOCK.finditer(PAGE):
        yield Block(found[1], found[2], PAGE[end : found.start()])
        end = found.end()


def commands() -> list[str]:
    return [line for block in blocks() if block.kind == "sh" for line in block.text.splitlines()]


@dataclass(slots=True)
class Reader:
    """Somebody who does what the page says, on other ports, with what `pip install` would have installed."""

    directory: Path
    server: str
    app: str
    output: str = ""
    again: str = ""
    running: "subprocess.Popen[str] | None" = None
    environment: dict[str, str] = field(default_factory=dict)

    def follow(self, block: Block) -> None:
        if "with Ctrl-C" in block.before:
            self.stop()
        if block.kind == "sh":
            for command in block.text.splitlines():
                self.type(command)
        elif block.kind == "text":
            self.see(block.text)
        elif named := FILE.search(block.before):
            self.save(self.directory / named[2], block.text, append=named[1].startswith("Add"))
        elif changed := CHANGE.search(block.before):
            self.change(self.directory / changed[1], changed[2], block.text.strip())
        else:
            assert block.text in (self.directory / "main.py").read_text("utf-8")

    def type(self, command: str) -> None:
        words = shlex.split(command)
        if words[0] == "cd":
            self.directory /= words[1]
        elif words[:2] == ["pip", "install"]:
            self.have(words[2:])
        elif "venv" in command:
            """The tests' own environment is in its place: it has what the next line would install."""
        elif words[:2] == ["vestibule", "dev"] and "uvicorn" in words:
            self.start(command)
        else:
            self.again = command
            self.output = self.run(command)

    def have(self, requirements: list[str]) -> None:
        """Not installed anew: there, with the extras that are asked for."""
        for requirement in requirements:
            name, _, extras = requirement.rstrip("]").partition("[")
            offered = importlib.metadata.metadata(name).get_all("Provides-Extra") or []
            assert set(filter(None, extras.split(","))) <= set(offered)

    def run(self, command: str) -> str:
        done = subprocess.run(
            ["bash", "-c", self.here(command)],
            cwd=self.directory,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        return self.there(done.stdout)

    def start(self, command: str) -> None:
        with self.log_file.open("w") as log:
            self.running = subprocess.Popen(
                shlex.split(self.here(command)),
                cwd=self.directory,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
            )
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            assert self.running.poll() is None, self.log
            try:
                if httpx2.get(f"http://localhost:{self.app}/").status_code == 200:
                    return
            except httpx2.TransportError:
                time.sleep(0.1)
        raise AssertionError(self.log)

    def stop(self) -> None:
        assert self.running is not None
        self.running.send_signal(signal.SIGINT)
        self.running.wait(STOPPING_SECONDS)
        self.running = None

    def see(self, shown: str) -> None:
        """What is shown is in the output, `…` standing for anything; a server that reloads gets a moment."""
        parts = (r"\s+".join(map(re.escape, part.split())) for part in re.split(r"…|\n", shown))
        wanted = ".*".join(filter(None, parts))
        until = time.monotonic() + PATIENCE
        while re.search(wanted, self.output, re.S) is None:
            assert self.again.startswith("curl"), f"{shown}\nis not in\n{self.output}"
            assert time.monotonic() < until, f"{shown}\nis not in\n{self.output}"
            time.sleep(0.3)
            self.output = self.run(self.again)

    def save(self, path: Path, text: str, *, append: bool) -> None:
        former = path.read_text("utf-8") + "\n\n" if append else ""
        assert append == path.exists()
        path.write_text(former + text)

    def change(self, path: Path, former: str, text: str) -> None:
        whole = path.read_text("utf-8")
        assert whole.count(former) == 1
        path.write_text(whole.replace(former, text))

    def here(self, command: str) -> str:
        for shown, free in (
            ("vestibule dev", f"vestibule dev --port {self.server}"),
            ("localhost:8000", f"localhost:{self.app}"),
            ("port 8000", f"port {self.app}"),
        ):
            command = command.replace(shown, free)
        return command

    def there(self, output: str) -> str:
        return output.replace(f"localhost:{self.app}", "localhost:8000")

    @property
    def log(self) -> str:
        return self.log_file.read_text("utf-8")

    @property
    def log_file(self) -> Path:
        return self.directory.parent / "log.txt"  # where no reload sees it


def visit(reader: Reader) -> None:
    """What the page asks to be done in a browser: a newcomer may not read the reports, Ada may."""
    app, inbox = f"http://localhost:{reader.app}", f"http://localhost:{reader.server}/dev/inbox"
    with httpx2.Client(base_url=app, headers=NAVIGATE, timeout=PATIENCE) as browser:
        form = follow(
            browser, browser.get(browser.get("/auth/sign-up?return_to=/account").headers["location"])
        )
        typed = {"first_name": "Mary", "last_name": "Somerville", "email": MARY, "password": PASSWORD}
        confirm = submit(browser, form, **typed)
        mails = re.findall(r'href="(/dev/inbox/[^"]+)"', browser.get(inbox).text)
        (code, *_) = re.findall(r"\b(\d{6})\b", browser.get(httpx2.URL(inbox).join(mails[0])).text)
        account = follow(browser, browser.get(submit(browser, confirm, code=code).headers["location"]))
        assert account.json() == {"email": MARY}
        refused = reloaded(browser, "/reports")
        assert refused.status_code == 403
        assert "permission reports:read" in refused.text

        browser.cookies.clear()
        form = follow(browser, browser.get(browser.get("/auth/sign-in").headers["location"]))
        words = reader.log.split("ada@example.com", 1)[1].split()
        ada = submit(browser, form, email="ada@example.com", password=words[words.index("password") + 1])
        browser.get(ada.headers["location"])
        assert browser.get("/reports").json() == ["Difference engine", "Jacquard cards"]


def reloaded(browser: httpx2.Client, path: str) -> httpx2.Response:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with contextlib.suppress(httpx2.TransportError):
            if (answer := browser.get(path)).status_code != 404:
                return answer
        time.sleep(0.2)
    raise AssertionError(f"{path} is not there")


def test_the_tutorial_works_word_by_word(tmp_path: Path) -> None:
    server, app = free_ports(8100, 8000)
    left_out = ("VESTIBULE", "WORKOS", "PYTEST", "COV_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    path = f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    reader = Reader(tmp_path, str(server), str(app), environment={**kept, "PATH": path, "NO_COLOR": "1"})
    try:
        for block in blocks():
            reader.follow(block)
            if "REPORTS =" in block.text:
                visit(reader)
    finally:
        if reader.running is not None:
            reader.stop()


def test_it_takes_at_most_forty_commands() -> None:
    assert 10 < len(commands()) <= MOST_COMMANDS


def test_every_file_of_it_is_shown_to_be_saved() -> None:
    assert [FILE.search(each.before)[2] for each in blocks() if FILE.search(each.before)] == [  # type: ignore[index]
        "main.py",
        "tests/test_reports.py",
        "main.py",
    ]
