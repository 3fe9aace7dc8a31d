"""Events: what happened, in the order it happened."""

import datetime as dt
from typing import Any

from msgspec import UNSET

from vestibule.server.answers import moment
from vestibule.server.api.operation import Call, Operations
from vestibule.server.api.queries import Query
from vestibule.server.api.shapes import EventShape, list_of
from vestibule.server.identity.errors import Invalid
from vestibule.server.identity.events import list_events as find_events

operations = Operations("events")


@operations.get(
    "/events",
    answers=EventShape,
    lists=True,
    filters=("events", "organization_id", "range_start", "range_end"),
)
def list_events(call: Call[None]) -> dict[str, Any]:
    """List events. `events` is required by some clients and optional here."""
    found = find_events(
        call.identity,
        call.listing.page,
        events=call.query.array("events"),
        organization_id=call.query.text("organization_id"),
        range_start=_moment(call.query, "range_start"),
        range_end=_moment(call.query, "range_end"),
    )
    data = [
        EventShape(
            id=event.id,
            event=event.event,
            data=dict(event.data),
            created_at=moment(event.created_at),
            context=dict(event.context) if event.context else UNSET,
        )
        for event in found.data
    ]
    return list_of(data, call.listing.metadata(found))


def _moment(query: Query, name: str) -> dt.datetime | None:
    text = query.text(name)
    if text is None:
        return None
    try:
        value = dt.datetime.fromisoformat(text)
    except ValueError:
        raise Invalid.field(name, f"{name}_invalid", f"{name} must be an ISO 8601 date and time.") from None
    return value if value.tzinfo else value.replace(tzinfo=dt.UTC)
