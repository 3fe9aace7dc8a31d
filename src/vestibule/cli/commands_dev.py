"""`vestibule dev`: the server and your application, started and stopped together."""

import asyncio
import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Final
from urllib.parse import urlsplit

import typer

from vestibule.cli.commands_serve import AppUrl, Database, Port, Seed, app_environment, greet, log_requests
from vestibule.cli.launch import APP_URL, Ready, Wanted, is_development, launched
from vestibule.errors import ConfigError
from vestibule.server.app import create_app
from vestibule.server.serving import Server, run

GRACE_SECONDS: Final = 10
NOT_FOUND: Final = 127
SIGNALLED: Final = 128

Command = Annotated[list[str] | None, typer.Argument(help="Your application: -- uvicorn app:app --port 8000")]


def dev(
    command: Command = None,
    port: Port = 8100,
    database: Database = None,
    seed: Seed = None,
    app_url: AppUrl = APP_URL,
) -> int:
    """Run a development server, and beside it a command with the server's settings in its environment."""
    if not is_development():
        raise ConfigError(
            "VESTIBULE_SERVER_PUBLIC_URL is set: `vestibule dev` is for development, use `serve`"
        )
    wanted = Wanted(host="localhost", port=port, database=database, seed=seed, app_url=app_url)
    with launched(wanted) as launch:
        environ = child_environment(os.environ, launch.ready, app_url=app_url)
        child = Child(command or [], environment=environ)

        async def beside(server: Server) -> None:
            greet(launch.ready, app_url=app_url, lines=not command)  # the command has them already
            await child.run_beside(server)

        log_requests()
        app = create_app(launch.identity.settings, identity=launch.identity)
        run(app, launch.sockets, on_ready=beside)
        return child.exit_code


class Child:
    """The application's process. When it ends the server ends, and the other way round."""

    def __init__(self, command: list[str], *, environment: Mapping[str, str]) -> None:
        self._command = command
        self._environment = dict(environment)
        self.exit_code = 0

    async def run_beside(self, server: Server) -> None:
        if not self._command:
            return
        try:
            process = await asyncio.create_subprocess_exec(*self._command, env=self._environment)
        except OSError as error:
            print(f"vestibule: cannot run {self._command[0]}: {error.strerror}", flush=True)
            self.exit_code = NOT_FOUND
            server.stop()
            return
        ended = asyncio.ensure_future(process.wait())
        while not ended.done() and not server.should_exit:
            await asyncio.wait([ended], timeout=0.1)
        if ended.done():
            code = ended.result()
            self.exit_code = code if code >= 0 else SIGNALLED - code
            server.stop()
            return
        await _end(process, ended)


async def _end(process: asyncio.subprocess.Process, ended: "asyncio.Future[int]") -> None:
    """It may have had the same Ctrl-C from the terminal: a second signal does no harm."""
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    _, waiting = await asyncio.wait([ended], timeout=GRACE_SECONDS)
    if waiting:
        with suppress(ProcessLookupError):
            process.kill()
        await ended


def child_environment(environ: Mapping[str, str], ready: Ready, *, app_url: str) -> dict[str, str]:
    """Both families of names, so that the official JavaScript packages find the server as well."""
    own = app_environment(ready, app_url=app_url)
    address = urlsplit(ready.url)
    own |= {
        "WORKOS_BASE_URL": ready.url,
        "WORKOS_API_HOSTNAME": address.hostname or "",
        "WORKOS_API_PORT": str(address.port or ""),
        "WORKOS_API_HTTPS": "false",
        "WORKOS_CLIENT_ID": own["VESTIBULE_CLIENT_ID"],
        "WORKOS_API_KEY": own["VESTIBULE_API_KEY"],
        "WORKOS_COOKIE_PASSWORD": own["VESTIBULE_COOKIE_PASSWORD"],
        "WORKOS_REDIRECT_URI": own["VESTIBULE_REDIRECT_URI"],
        "NEXT_PUBLIC_WORKOS_REDIRECT_URI": own["VESTIBULE_REDIRECT_URI"],
    }
    return {**environ, **own}
