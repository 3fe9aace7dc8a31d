"""How far a long command has come: for people who watch, on stderr; nothing for scripts."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def counting(title: str) -> Iterator[Callable[[str, int], None]]:
    """Call it with what is being done, and how many of it are done."""
    if not sys.stderr.isatty():
        yield lambda what, number: None
        return
    from rich.console import Console
    from rich.progress import Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn(f"{title} {{task.fields[what]}}"),
        TextColumn("{task.completed:,}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=None, what="")
        yield lambda what, number: progress.update(task, what=what, completed=number)


@contextmanager
def reading(title: str, *, size: int | None) -> Iterator[Callable[[int, int], None]]:
    """Call it with how many bytes are read and how many rows are done. `size`: the bytes in all, if known."""
    if not sys.stderr.isatty():
        yield lambda place, rows: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn(title),
        BarColumn(),
        TextColumn("{task.fields[rows]:,} rows"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=size, rows=0)
        yield lambda place, rows: progress.update(task, completed=place, rows=rows)
