"""What `make dev` runs: the server and the demo app, in a directory of their own, on free ports."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

import httpx2

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
STARTING_SECONDS = 60
STOPPING_SECONDS = 20


class Stack:
    """Stopping keeps the directory, so that a second start is a restart."""

    def __init__(self, directory: Path, *, access_token_seconds: int = 40) -> None:
        self._directory = directory
        self._seconds = access_token_seconds
        self._process: subprocess.Popen[str] | None = None
        self._log = directory / "log.txt"
        server_port, app_port = free_ports(8100, 8000)
        self.server = f"http://localhost:{server_port}"
        self.app = f"http://localhost:{app_port}"

    def __enter__(self) -> "Stack":
        try:
            self.start()
        except BaseException:  # nobody calls __exit__ then
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        ports = (url.rpartition(":")[2] for url in (self.server, self.app))
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                self.argv(*ports),
                cwd=self._directory,
                env=self.environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
            )
        self.wait()

    def wait(self) -> None:
        self.wait_for(self.server + "/readyz")
        self.wait_for(self.app + "/")

    def argv(self, server_port: str, app_port: str) -> list[str]:
        demo = ["--app-dir", str(ROOT / "examples" / "demo"), "demo:app", "--port", app_port]
        dev = [BIN / "vestibule", "dev", "--port", server_port, "--app-url", self.app]
        return [str(each) for each in (*dev, "--", BIN / "uvicorn", *demo)]

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(timeout=STOPPING_SECONDS)
            self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    @property
    def demo_password(self) -> str:
        words = self.log.split("ada@example.com", 1)[1].split()
        return words[words.index("password") + 1]

    @property
    def log(self) -> str:
        return self._log.read_text()

    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
        kept["PATH"] = f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        return kept | {"VESTIBULE_SERVER_ACCESS_TOKEN_SECONDS": str(self._seconds), "PYTHONUNBUFFERED": "1"}

    def wait_for(self, url: str) -> None:
        until = time.monotonic() + STARTING_SECONDS
        while time.monotonic() < until:
            assert self._process is not None
            assert self._process.poll() is None, f"the command ended:\n{self.log}"
            try:
                if httpx2.get(url).status_code == 200:
                    return
            except httpx2.TransportError:
                time.sleep(0.1)
        raise AssertionError(f"{url} did not answer:\n{self.log}")


def free_ports(*preferred: int) -> list[int]:
    """Any, in a test run; the ones of `make dev` for pictures, because they are read in them."""
    sockets = [socket.socket() for _ in preferred]
    for each, port in zip(sockets, preferred, strict=True):
        each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        each.bind(("127.0.0.1", port if os.environ.get("VESTIBULE_SCREENS") else 0))
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports
