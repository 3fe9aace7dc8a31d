"""`vestibule keygen` and `vestibule keys`: secrets, signing keys and API keys."""

import secrets
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from vestibule.cli.commands_serve import Database
from vestibule.cli.launch import current_settings, open_identity
from vestibule.server.answers import moment, moment_or_none
from vestibule.server.identity import api_keys
from vestibule.server.identity import keys as signing

keys = typer.Typer(help="Signing keys and API keys.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="What the key is for.")]
KeyId = Annotated[str, typer.Argument(help="The ID of an API key, from `vestibule keys list`.")]


def keygen() -> None:
    """Print a secret good for VESTIBULE_SERVER_SECRET or VESTIBULE_COOKIE_PASSWORD."""
    print(secrets.token_urlsafe(32))


@keys.command("list")
def list_keys(database: Database = None) -> None:
    """List signing keys and API keys. Secrets are never shown."""
    identity = open_identity(current_settings(database))
    signing_table = Table("Signing key", "Signs from", "until", "Published until")
    for key in signing.list_signing_keys(identity):
        until = (moment_or_none(key.signs_until) or "-", moment_or_none(key.published_until) or "-")
        signing_table.add_row(key.kid, moment(key.signs_from), *until)
    api_table = Table("API key", "Name", "Ends in", "Last used", "Revoked")
    for each in api_keys.list_api_keys(identity):
        last_used, revoked = (moment_or_none(at) or "-" for at in (each.last_used_at, each.revoked_at))
        api_table.add_row(each.id, each.name, each.hint, last_used, revoked)
    console = Console()
    console.print(signing_table)
    console.print(api_table)


@keys.command("rotate")
def rotate(database: Database = None) -> None:
    """Publish a new signing key; it signs as soon as every verifier can know it."""
    key = signing.rotate_signing_key(open_identity(current_settings(database)))
    print(f"{key.kid} signs from {moment(key.signs_from)}")


@keys.command("create")
def create(name: Name, database: Database = None) -> None:
    """Create an API key and print it, this once."""
    _, value = api_keys.create_api_key(open_identity(current_settings(database)), name)
    print(value)


@keys.command("revoke")
def revoke(key_id: KeyId, database: Database = None) -> None:
    """Revoke an API key: it stops working at once."""
    api_keys.revoke_api_key(open_identity(current_settings(database)), key_id)
    print(f"{key_id} is revoked.")
