"""`vestibule users`: the accounts, from the terminal."""

import sys
from typing import Annotated

import typer

from vestibule.cli.commands_serve import Database
from vestibule.cli.launch import opened
from vestibule.cli.tables import show
from vestibule.server.answers import moment_or_none
from vestibule.server.identity import users as accounts
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import NotFound
from vestibule.server.identity.paging import Page
from vestibule.server.identity.people import User
from vestibule.server.identity.suspending import suspend_user, unsuspend_user

users = typer.Typer(help="The accounts.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(help="The address.")]
Verified = Annotated[bool, typer.Option("--verified", help="The address is known to be theirs.")]
WithPassword = Annotated[bool, typer.Option("--password", help="Ask for a password, or read it from stdin.")]
Limit = Annotated[int, typer.Option(help="How many, newest first.", min=1, max=100)]


@users.command("list")
def list_users(limit: Limit = 20, database: Database = None) -> None:
    """List the newest accounts."""
    with opened(database) as identity:
        found = accounts.list_users(identity, Page(limit=limit)).data
    rows = [
        (
            user.id,
            user.email,
            "yes" if user.email_verified else "no",
            moment_or_none(user.last_sign_in_at) or "-",
        )
        for user in found
    ]
    show(("ID", "Email", "Verified", "Last sign-in"), rows)


@users.command("create")
def create(
    email: Email, verified: Verified = False, password: WithPassword = False, database: Database = None
) -> None:
    """Create an account and print its ID."""
    chosen = _read_password() if password else None
    with opened(database) as identity:
        user = accounts.create_user(identity, email=email, password=chosen, email_verified=verified)
    print(user.id)


def _read_password() -> str:
    """From a person twice, from a script once. Never from an argument: other users see those."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


@users.command("delete")
def delete(email: Email, database: Database = None) -> None:
    """Delete the account with this address, and everything that is theirs."""
    with opened(database) as identity:
        user = _found(identity, email)
        accounts.delete_user(identity, user.id)
    print(f"{user.id} is deleted.")


@users.command("suspend")
def suspend(email: Email, database: Database = None) -> None:
    """Sign the account with this address out everywhere, and let nobody sign in to it."""
    with opened(database) as identity:
        user = suspend_user(identity, _found(identity, email).id)
    print(f"{user.id} is suspended.")


@users.command("unsuspend")
def unsuspend(email: Email, database: Database = None) -> None:
    """Let the account with this address sign in again."""
    with opened(database) as identity:
        user = unsuspend_user(identity, _found(identity, email).id)
    print(f"{user.id} can sign in again.")


def _found(identity: Identity, email: str) -> User:
    user = accounts.find_user_by_email(identity, email)
    if user is None:
        raise NotFound(f"There is no account with the address {email}.")
    return user
