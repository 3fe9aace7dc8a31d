"""`vestibule keys`: signing keys and API keys."""

import datetime as dt
from typing import Annotated

import typer

from vestibule.cli.commands_serve import Database
from vestibule.cli.launch import opened
from vestibule.cli.tables import show
from vestibule.server.answers import moment, moment_or_none
from vestibule.server.identity import api_keys
from vestibule.server.identity import keys as signing

keys = typer.Typer(help="Signing keys and API keys.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="What the key is for.")]
Immediately = Annotated[bool, typer.Option("--immediately", help="Sign with it at once: the old one leaked.")]
Overlap = Annotated[float, typer.Option(help="How many hours the old key works on.", min=0, max=720)]
KeyId = Annotated[str, typer.Argument(help="The ID of an API key, from `vestibule keys list`.")]


@keys.command("list")
def list_keys(database: Database = None) -> None:
    """List signing keys and API keys. Secrets are never shown."""
    with opened(database) as identity:
        of_signing, of_api = signing.list_signing_keys(identity), api_keys.list_api_keys(identity)
    show(
        ("Signing key", "Signs from", "until", "Published until"),
        [
            (key.kid, moment(key.signs_from), _or_dash(key.signs_until), _or_dash(key.published_until))
            for key in of_signing
        ],
    )
    show(
        ("API key", "Name", "Ends in", "Last used", "Revoked", "Works until"),
        [
            (
                key.id,
                key.name,
                f"…{key.hint}",
                _or_dash(key.last_used_at),
                _or_dash(key.revoked_at),
                _or_dash(key.expires_at),
            )
            for key in of_api
        ],
    )


@keys.command("rotate")
def rotate(immediately: Immediately = False, database: Database = None) -> None:
    """Publish a new signing key; it signs as soon as every verifier can know it."""
    with opened(database) as identity:
        key = signing.rotate_signing_key(identity, immediately=immediately)
    print(f"{key.kid} signs from {moment(key.signs_from)}")


@keys.command("create")
def create(name: Name, database: Database = None) -> None:
    """Create an API key and print it, this once."""
    with opened(database) as identity:
        _, value = api_keys.create_api_key(identity, name)
    print(value)


@keys.command("replace")
def replace(key_id: KeyId, overlap: Overlap = 24.0, database: Database = None) -> None:
    """Create an API key in place of another, which works on for a day, and print it, this once."""
    with opened(database) as identity:
        _, value = api_keys.replace_api_key(identity, key_id, overlap=dt.timedelta(hours=overlap))
    print(value)


@keys.command("revoke")
def revoke(key_id: KeyId, database: Database = None) -> None:
    """Revoke an API key: it stops working at once."""
    with opened(database) as identity:
        api_keys.revoke_api_key(identity, key_id)
    print(f"{key_id} is revoked.")


def _or_dash(value: dt.datetime | None) -> str:
    return moment_or_none(value) or "-"
