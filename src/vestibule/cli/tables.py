"""Tables for people, and for `grep` when nobody is watching."""

import sys
from collections.abc import Iterable


def show(headers: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """Nothing is cut: a value that was shortened cannot be copied."""
    if not sys.stdout.isatty():
        for row in rows:
            print("\t".join(row))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table()
    for header in headers:
        table.add_column(header, overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console(highlight=False, markup=False).print(table)
