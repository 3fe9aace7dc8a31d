"""nginx and Caddy, run with the configuration that the documentation shows; only names and ports differ."""

import contextlib
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.project.tree import ROOT

PAGE = ROOT / "docs" / "how-to" / "behind-a-proxy.md"
DEPLOYING = ROOT / "docs" / "how-to" / "deploy.md"
HOST = "app.example.com"
BEHIND = "127.0.0.1:8000"
START_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Proxy:
    origin: str
    trust: ssl.SSLContext


@dataclass(frozen=True, slots=True)
class Place:
    """Where a proxy runs: its directory, its port, and the app behind it."""

    directory: Path
    port: int
    behind: str

    @property
    def certificate(self) -> Path:
        return self.directory / "certificate.pem"

    @property
    def key(self) -> Path:
        return self.directory / "key.pem"


def snippets(language: str, page: Path = PAGE) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)


@contextlib.contextmanager
def running(kind: str, place: Place, *, without: str | None = None) -> Iterator[Proxy]:
    """The proxy in front of `place.behind`; `without` leaves out the lines that begin with this word.
    `identity-server` is nginx as docs/how-to/deploy.md has it."""
    _make_certificate(place)
    make = {"nginx": nginx, "caddy": caddy, "identity-server": nginx_of_server}[kind]
    command, environment = make(place, _leaving_out(without))
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(place.port, process)
            trust = ssl.create_default_context(cafile=str(place.certificate))
            yield Proxy(f"https://localhost:{place.port}", trust)
        finally:
            process.terminate()


def nginx(place: Place, edit: Callable[[str], str]) -> tuple[list[str], dict[str, str]]:
    server, upgrade = snippets("nginx")
    return _nginx(place, f"{upgrade}\n{edit(_here(server, place))}")


def nginx_of_server(place: Place, edit: Callable[[str], str]) -> tuple[list[str], dict[str, str]]:
    (text,) = snippets("nginx", DEPLOYING)
    for shown, here in (
        ("server 10.0.0.11:8100; server 10.0.0.12:8100;", f"server {place.behind};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{place.port} ssl;"),
        ("server_name id.example.com;", "server_name localhost;"),
        ("ssl_certificate     …;", f"ssl_certificate {place.certificate};"),
        ("ssl_certificate_key …;", f"ssl_certificate_key {place.key};"),
    ):
        assert shown in text
        text = text.replace(shown, here)
    return _nginx(place, edit(text))


def _nginx(place: Place, http: str) -> tuple[list[str], dict[str, str]]:
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin")
    assert program, "nginx is missing: sudo apt-get install nginx-light"
    temporary = "\n".join(
        f"{name}_temp_path {place.directory}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = f"""
daemon off;
master_process off;
pid {place.directory}/nginx.pid;
error_log {place.directory}/error.log;
events {{}}
http {{
access_log off;
{temporary}
{http}
}}
"""
    place.directory.chmod(0o755)
    file = place.directory / "nginx.conf"
    file.write_text(configuration)
    return [program, "-c", str(file), "-p", str(place.directory)], dict(os.environ)


def caddy(place: Place, edit: Callable[[str], str]) -> tuple[list[str], dict[str, str]]:
    program = shutil.which("caddy")
    assert program, "Caddy is missing: sudo apt-get install caddy"
    (site,) = snippets("caddyfile")
    # The certificate it would fetch is the one thing a test cannot have.
    site = site.replace(
        f"{HOST} {{", f"https://localhost:{place.port} {{\n    tls {place.certificate} {place.key}"
    )
    assert "tls" in site
    file = place.directory / "Caddyfile"
    file.write_text("{\n    admin off\n    auto_https disable_redirects\n}\n" + edit(_here(site, place)))
    environment = {**os.environ, "HOME": str(place.directory), "XDG_DATA_HOME": str(place.directory)}
    return [program, "run", "--config", str(file), "--adapter", "caddyfile"], environment


def _here(snippet: str, place: Place) -> str:
    assert BEHIND in snippet
    for shown, here in (
        (BEHIND, place.behind),
        ("listen 443 ssl;", f"listen 127.0.0.1:{place.port} ssl;"),
        (f"server_name {HOST};", "server_name localhost;"),
        ("/etc/ssl/app.example.com.pem", str(place.certificate)),
        ("/etc/ssl/app.example.com.key", str(place.key)),
    ):
        snippet = snippet.replace(shown, here)
    assert HOST not in snippet
    return snippet


def _leaving_out(word: str | None) -> Callable[[str], str]:
    def edit(configuration: str) -> str:
        lines = configuration.splitlines(keepends=True)
        kept = [line for line in lines if word is None or not line.strip().startswith(word)]
        assert word is None or len(kept) < len(lines), f"the page no longer has {word}"
        return "".join(kept)

    return edit


def _make_certificate(place: Place) -> None:
    made = f"-keyout {place.key} -out {place.certificate}"
    named = "-subj /CN=localhost -addext subjectAltName=DNS:localhost"
    kind = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1"
    subprocess.run(["openssl", *f"{kind} {named} {made}".split()], check=True, capture_output=True)


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        assert process.poll() is None, "the proxy ended"
        time.sleep(0.05)
    raise AssertionError("the proxy does not answer")
