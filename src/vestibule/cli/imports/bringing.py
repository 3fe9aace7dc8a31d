"""One row after the other: taken, or written down with the reason why not."""

from collections.abc import Callable

from vestibule.cli.imports.notes import Notes
from vestibule.errors import VestibuleError
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import IdentityError
from vestibule.server.identity.importing import Taken, take
from vestibule.server.import_files.rows import Row, Source
from vestibule.server.store.store import StoreUnavailable

SHOWN_EVERY = 50


def bring(
    identity: Identity, source: Source, notes: Notes, *, done: int, seen: Callable[[int, int], None]
) -> None:
    """`done` rows are passed over: an earlier run took them. Raises VestibuleError when it has to stop."""
    for place, row in enumerate(source.rows(), start=1):
        if place <= done:
            continue
        try:
            _bring(identity, row, notes)
        except StoreUnavailable:
            notes.save()
            raise VestibuleError(
                "The database does not answer. Run the same command again to go on"
            ) from None
        notes.noted()
        if place % SHOWN_EVERY == 0:
            seen(row.read, place)


def _bring(identity: Identity, row: Row, notes: Notes) -> None:
    if row.record is None:
        notes.refuse(line=row.number, who=row.who, reason=row.problem or "")
        return
    try:
        taken = take(identity, row.record)
    except IdentityError as error:
        notes.refuse(line=row.number, who=row.who, reason=reason_of(error))
        return
    if taken is Taken.CREATED:
        notes.tally.created += 1
    elif taken is Taken.COMPLETED:
        notes.tally.completed += 1


def reason_of(error: IdentityError) -> str:
    details = [each.get("message", "") for each in getattr(error, "errors", ())]
    return " ".join(dict.fromkeys(filter(None, [*details] or [error.message])))
