"""`vestibule serve` and `vestibule migrate`."""

import logging
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from vestibule.cli.demo import CALLBACK
from vestibule.cli.launch import APP_URL, Ready, Wanted, current_settings, launched
from vestibule.server.app import create_app
from vestibule.server.serving import Server, run
from vestibule.server.store.store import Store

Port = Annotated[int, typer.Option(help="0 picks a free one.", min=0, max=65_535)]
Host = Annotated[str, typer.Option(help="The address to listen on.")]
Database = Annotated[str | None, typer.Option(help="sqlite:///file.db or postgresql://user@host/name.")]
Seed = Annotated[
    Path | None, typer.Option(help="A YAML, TOML or JSON file of users, organizations, roles and more.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one line of JSON when ready.")]
AppUrl = Annotated[str, typer.Option(help="Where your application answers, in development.")]


def serve(
    port: Port = 8100,
    host: Host = "localhost",
    database: Database = None,
    seed: Seed = None,
    as_json: AsJson = False,
    app_url: AppUrl = APP_URL,
) -> None:
    """Run the identity server. Without VESTIBULE_SERVER_PUBLIC_URL it is a development server on loopback."""
    with launched(Wanted(host=host, port=port, database=database, seed=seed, app_url=app_url)) as launch:

        async def announce(server: Server) -> None:
            if as_json:
                print(launch.ready.line(), flush=True)
            else:
                greet(launch.ready, app_url=app_url)

        log_requests()
        app = create_app(launch.identity.settings, identity=launch.identity)
        run(app, launch.sockets, on_ready=announce)


def migrate(database: Database = None) -> None:
    """Bring the database up to date. Safe to run from several machines at once."""
    with closing(Store(current_settings(database).database)) as store:
        store.migrate()
    print("The database is up to date.")


def log_requests() -> None:
    logging.getLogger("vestibule").setLevel(logging.INFO)


def greet(ready: Ready, *, app_url: str, lines: bool = True) -> None:
    """What a newcomer needs next; `lines` of an environment, ready to be copied."""
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    console.print(f"\n[bold]Vestibule[/bold] is at [bold cyan]{ready.url}[/bold cyan]")
    if ready.demo_user is None:
        console.print(f"Client ID  {ready.client_id}")
        if ready.setup_url is not None:
            console.print("The dashboard has no operator yet. Whoever opens this within a day is its first:")
            console.print(ready.setup_url, markup=False)
        console.print()
        return
    console.print(f"Demo user  {ready.demo_user['email']}  password  {ready.demo_user['password']}")
    console.print(f"Dashboard  {ready.url}/dashboard  as the demo user")
    console.print(f"Mail       {ready.url}/dev/inbox")
    if lines:
        console.print("\nYour application needs these lines in its environment or its .env:\n")
        for name, value in app_environment(ready, app_url=app_url).items():
            console.print(f"{name}={value}", markup=False)
    console.print("\nA development server: nothing is mailed, and plain http. Ctrl-C stops it.\n")


def app_environment(ready: Ready, *, app_url: str) -> dict[str, str]:
    return {
        "VESTIBULE_URL": ready.url,
        "VESTIBULE_CLIENT_ID": ready.client_id,
        "VESTIBULE_API_KEY": ready.api_key or "",
        "VESTIBULE_COOKIE_PASSWORD": ready.cookie_password or "",
        "VESTIBULE_REDIRECT_URI": app_url + CALLBACK,
    }
