"""Our own export, row by row into the tables it came from."""

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from vestibule.cli.exporting import Export
from vestibule.cli.imports.notes import Tally
from vestibule.errors import ConfigError
from vestibule.server.identity.secrets import seal_at_rest
from vestibule.server.import_files.rows import lines_of
from vestibule.server.settings import Settings
from vestibule.server.store import portable
from vestibule.server.store.store import Store

Refuse = Callable[[str, int, str], None]
AT_ONCE: Final = 200


def check_target(store: Store, export: Export, settings: Settings) -> None:
    """Raises ConfigError unless the database is empty, or the one that was exported."""
    if export.manifest.get("environment") != settings.environment:
        raise ConfigError(
            f"The export is of a {export.manifest.get('environment')} environment: "
            "set VESTIBULE_SERVER_ENVIRONMENT to the same"
        )
    with store.read() as tx:
        present = tx.environment.find()
    if present is None:
        return
    line = next(_lines(export.path("environment")), (0, None))[1] or {}
    if line.get("client_id") != present.client_id:
        raise ConfigError(
            "The database holds another environment than the export: import into an empty one "
            "(`vestibule migrate --database …` makes it)"
        )


def bring_export(
    store: Store,
    export: Export,
    settings: Settings,
    *,
    refuse: Refuse,
    seen: Callable[[str, int], None],
) -> dict[str, Tally]:
    """What became of each kind; kinds that need secrets are passed over when the export has none."""

    def seal(value: Any) -> str:
        return seal_at_rest(value, settings.secret)

    tallies = {}
    for table in portable.tables():
        path = export.path(table.name)
        if not path.exists() or (portable.needs_secrets(table) and not export.has_secrets):
            continue
        tally = tallies[table.name] = Tally()
        for batch in _batches(path):
            with store.transaction() as tx:
                for number, line in batch:
                    tally.rows += 1
                    try:
                        if not isinstance(line, dict):
                            raise portable.Refused("not a line of JSON")
                        tally.created += portable.put(tx.connection, table, line, seal=seal)
                    except portable.Refused as problem:
                        tally.refused += 1
                        refuse(path.name, number, str(problem))
            seen(table.name, tally.rows)
        missing = export.rows(table.name) - tally.rows
        if missing > 0:
            refuse(path.name, tally.rows + 1, f"the file ends here, {missing} rows too early")
            tally.rows += missing
            tally.refused += missing
    return tallies


def left_out(export: Export) -> list[str]:
    """The kinds that the export has rows of, but not their secrets."""
    if export.has_secrets:
        return []
    rows = export.manifest.get("rows") or {}
    return [
        table.name for table in portable.tables() if portable.needs_secrets(table) and rows.get(table.name)
    ]


def _batches(path: Path) -> Iterator[tuple[tuple[int, Any], ...]]:
    lines = _lines(path)
    while batch := tuple(itertools.islice(lines, AT_ONCE)):
        yield batch


def _lines(path: Path) -> Iterator[tuple[int, Any]]:
    for number, _, line in lines_of(path):
        try:
            yield number, json.loads(line or "")
        except (ValueError, RecursionError):
            yield number, None
