"""`vestibule backup` and `vestibule restore`."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from vestibule.cli.commands_serve import Database
from vestibule.cli.launch import current_settings
from vestibule.errors import ConfigError, VestibuleError
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import ensure_environment
from vestibule.server.identity.keys import current_key
from vestibule.server.settings import Settings
from vestibule.server.store import backup as copies
from vestibule.server.store.store import Store

Target = Annotated[Path, typer.Argument(help="The file to write. It must not exist.")]
Source = Annotated[Path, typer.Argument(help="A file that `vestibule backup` wrote.")]
Replace = Annotated[bool, typer.Option("--replace", help="Overwrite a database that is not empty.")]


def backup(target: Target, database: Database = None) -> None:
    """Copy the whole database to a file, while it is served."""
    settings = current_settings(database)
    try:
        copies.backup(settings.database, target)
    except copies.CopyFailed as error:
        raise VestibuleError(f"The backup failed: {error}") from None
    print(f"{target} holds the database. It opens only with the same VESTIBULE_SERVER_SECRET.")


def restore(source: Source, replace: Replace = False, database: Database = None) -> None:
    """Bring a backup back, into an empty database. Stop the servers before."""
    settings = current_settings(database)
    try:
        copies.restore(settings.database, source, replace=replace)
    except copies.NotEmpty:
        raise ConfigError(
            "The database is not empty: name another one, or give --replace to lose what is in it"
        ) from None
    except copies.CopyFailed as error:
        raise VestibuleError(f"Nothing was restored: {error}") from None
    _make_ready(settings)
    print("The database is restored, and up to date.")


def _make_ready(settings: Settings) -> None:
    """Backups may be older than this program; and the wrong secret is better found now than by a visitor."""
    with closing(Store(settings.database)) as store:
        store.migrate()
        identity = Identity(store=store, settings=settings)
        ensure_environment(identity)
        current_key(identity)
