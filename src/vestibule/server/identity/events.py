"""Events: every change says so in the transaction that makes it, so that none is lost and none invented."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from vestibule.server.identity.context import Identity
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.paging import Page, Slice
from vestibule.server.identity.strangers import storable
from vestibule.server.store.events import Event
from vestibule.server.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as far as the connection tells."""

    ip_address: str | None = None
    user_agent: str | None = None


NOBODY: Final = Caller()


def append(
    tx: Transaction,
    identity: Identity,
    event: str,
    data: Mapping[str, Any],
    *,
    organization_id: str | None = None,
    context: Mapping[str, Any] | None = None,
) -> None:
    """Datetimes inside `data` become timestamps as the API writes them."""
    tx.events.append(**_row(identity, event, data, organization_id, context))


def append_each(
    tx: Transaction, identity: Identity, event: str, each: Iterable[tuple[Mapping[str, Any], str | None]]
) -> None:
    """The same event of many things, each its data and organization: thousands cost little more than one."""
    tx.events.append_all([_row(identity, event, data, organization_id) for data, organization_id in each])


def _row(
    identity: Identity,
    event: str,
    data: Mapping[str, Any],
    organization_id: str | None,
    context: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    now = identity.now
    actor = {} if identity.actor is None else {"actor": identity.actor}
    context = {**(identity.circumstances or {}), **(context or {}), **actor} or None
    return {
        "id": new_id("event", now),
        "event": event,
        "data": _plain(data),
        "context": None if context is None else _plain(context),
        "organization_id": organization_id,
        "created_at": now,
    }


def append_authentication(
    tx: Transaction,
    identity: Identity,
    kind: str,
    *,
    caller: Caller,
    user_id: str | None,
    email: str | None,
    error: tuple[str, str] | None = None,
) -> None:
    """`authentication.<kind>_succeeded`, or `_failed` when there is an `error`: its code and message."""
    status = "succeeded" if error is None else "failed"
    data: dict[str, Any] = {
        "type": kind,
        "status": status,
        "ip_address": storable(caller.ip_address),
        "user_agent": storable(caller.user_agent),
        "user_id": user_id,
        "email": storable(email),
    }
    if error is not None:
        data["error"] = {"code": error[0], "message": error[1]}
    append(tx, identity, f"authentication.{kind}_{status}", data)


def list_events(
    identity: Identity,
    page: Page,
    *,
    events: Sequence[str] = (),
    organization_id: str | None = None,
    range_start: dt.datetime | None = None,
    range_end: dt.datetime | None = None,
) -> Slice[Event]:
    with identity.store.read() as tx:
        return tx.events.list(
            page,
            names=events,
            organization_id=organization_id,
            range_start=range_start,
            range_end=range_end,
        )


def timestamp(moment: dt.datetime) -> str:
    """UTC with exactly three decimals, as every client of the API parses it."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return timestamp(value)
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | frozenset | set):
        return [_plain(inner) for inner in value]
    return value
