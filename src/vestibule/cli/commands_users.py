"""`vestibule users`: the accounts, from the terminal."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from vestibule.cli.commands_serve import Database
from vestibule.cli.launch import current_settings, open_identity
from vestibule.server.answers import moment_or_none
from vestibule.server.identity import users as accounts
from vestibule.server.identity.paging import Page

users = typer.Typer(help="The accounts.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(help="The address.")]
Verified = Annotated[bool, typer.Option("--verified", help="The address is known to be theirs.")]
WithPassword = Annotated[bool, typer.Option("--password", help="Ask for a password, or read it from stdin.")]
Limit = Annotated[int, typer.Option(help="How many, newest first.", min=1, max=100)]


@users.command("list")
def list_users(limit: Limit = 20, database: Database = None) -> None:
    """List the newest accounts."""
    identity = open_identity(current_settings(database))
    table = Table("ID", "Email", "Verified", "Last sign-in")
    for user in accounts.list_users(identity, Page(limit=limit)).data:
        verified = "yes" if user.email_verified else "no"
        table.add_row(user.id, user.email, verified, moment_or_none(user.last_sign_in_at) or "-")
    Console().print(table)


@users.command("create")
def create(
    email: Email, verified: Verified = False, password: WithPassword = False, database: Database = None
) -> None:
    """Create an account and print its ID."""
    chosen = typer.prompt("Password", hide_input=True, confirmation_prompt=True) if password else None
    identity = open_identity(current_settings(database))
    user = accounts.create_user(identity, email=email, password=chosen, email_verified=verified)
    print(user.id)


@users.command("delete")
def delete(email: Email, database: Database = None) -> None:
    """Delete the account with this address, and everything that is theirs."""
    identity = open_identity(current_settings(database))
    found = accounts.list_users(identity, Page(), email=email).data
    if not found:
        print(f"There is no account with the address {email}.")
        raise typer.Exit(1)
    for user in found:
        accounts.delete_user(identity, user.id)
        print(f"{user.id} is deleted.")
