"""`vestibule export`: everything but what is under way, as text."""

import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from vestibule.cli.commands_serve import Database
from vestibule.cli.exporting import write_export
from vestibule.cli.launch import current_settings, prepared
from vestibule.cli.tables import show
from vestibule.cli.watching import counting
from vestibule.server.store.store import Store

Target = Annotated[
    Path, typer.Argument(help="A directory to make; or a file, when it ends in .tar or .tar.gz.")
]
Secrets = Annotated[
    bool, typer.Option("--include-secrets", help="With password hashes, keys and second factors.")
]
WARNING = (
    "This export holds password hashes, the keys that sign tokens, webhook secrets and second factors, in "
    "clear: whoever reads it can sign in as anybody. Keep it encrypted, move it privately, delete it soon."
)


def export(target: Target, secrets: Secrets = False, database: Database = None) -> None:
    """Write users, organizations and all the rest to files of JSON lines."""
    settings = current_settings(database)
    with closing(Store(settings.database)) as store, counting("Exporting") as seen:
        counts = write_export(prepared(store, settings), target, secrets=secrets, seen=seen)
    show(("Kind", "Rows"), [(kind, str(number)) for kind, number in counts.items() if number])
    if secrets:
        print(f"vestibule: {WARNING}", file=sys.stderr)
