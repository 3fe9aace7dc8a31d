"""Every event held against the published interface, or against the list of our own."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from openapi_schema_validator import OAS31Validator

from tests.server.api.specification import registry, specification
from vestibule.server.identity.event_names import OWN
from vestibule.server.identity.webhook_outbox import body_of
from vestibule.server.store.events import Event
from vestibule.server.store.rows import Page
from vestibule.server.store.store import Store


@cache
def published() -> dict[str, OAS31Validator]:
    """A validator for each event that the interface describes."""
    _, variants = specification()["components"]["schemas"]["EventSchema"]["allOf"]
    return {
        variant["properties"]["event"]["const"]: OAS31Validator(_absolute(variant), registry=registry())
        for variant in variants["oneOf"]
    }


def problems_of(event: Event) -> Iterator[str]:
    validator = published().get(event.event)
    if validator is None:
        if event.event not in OWN:
            yield f"{event.event} is neither in the interface nor among our own"
        return
    for error in validator.iter_errors(json.loads(body_of(event))):
        yield f"{event.event} {error.json_path}: {error.message[:200]}"


def problems_in(store: Store) -> list[str]:
    """Of all events there are."""
    found: dict[str, None] = {}
    page = Page(limit=100, order="asc")
    while True:
        with store.read() as tx:
            events = tx.events.list(page)
        for event in events.data:
            found |= dict.fromkeys(problems_of(event))
        if events.after is None:
            return list(found)
        page = Page(limit=100, order="asc", after=events.after)


def _absolute(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {
            key: f"urn:specification{value}" if key == "$ref" else _absolute(value)
            for key, value in schema.items()
        }
    return [_absolute(each) for each in schema] if isinstance(schema, list) else schema
