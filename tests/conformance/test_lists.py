"""Every list: its bounds, its orders, and cursors that miss nothing, repeat nothing and lead back again."""

from typing import Any

import pytest

from tests.conformance.lists import ALWAYS_EMPTY, BY_SHAPE
from tests.conformance.samples import Sample, fill, name, sample_of, shape
from tests.conformance.world import World
from vestibule.server.api.operation import Operation
from vestibule.server.api.routes import OPERATIONS

LISTING = [operation for operation in OPERATIONS if operation.lists]
KNOWN = [operation for operation in LISTING if shape(name(operation)) in BY_SHAPE]
EMPTY = [operation for operation in LISTING if shape(name(operation)) in ALWAYS_EMPTY]
every_list = pytest.mark.parametrize("operation", KNOWN, ids=name)


def ask(world: World, operation: Operation, sample: Sample, **query: object) -> dict[str, Any]:
    path = fill(operation, sample.path)
    answer = world.api.get(path, params=sample.query | query)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    assert page["object"] == "list"
    return page


def ids(page: dict[str, Any]) -> list[str]:
    return [each["id"] for each in page["data"]]


def walk(world: World, operation: Operation, sample: Sample, **query: Any) -> list[str]:
    """Every page after the other; all but the last are full."""
    found: list[str] = []
    cursor = None
    for _ in range(200):
        more = {} if cursor is None else {"after": cursor}
        page = ask(world, operation, sample, **query, **more)
        found += ids(page)
        cursor = page["list_metadata"]["after"]
        if cursor is None:
            return found
        assert len(page["data"]) == query["limit"]
    raise AssertionError("pages without end")


def test_every_list_is_known() -> None:
    assert [name(operation) for operation in LISTING if operation not in [*KNOWN, *EMPTY]] == []


@every_list
def test_a_list_is_walked_in_both_directions(world: World, operation: Operation) -> None:
    sample, make = BY_SHAPE[shape(name(operation))](world)
    for _ in range(5):
        make()
    oldest_first = walk(world, operation, sample, order="asc", limit=100)
    assert len(oldest_first) >= 5
    assert len(set(oldest_first)) == len(oldest_first)
    assert walk(world, operation, sample, order="asc", limit=4) == oldest_first
    everything = oldest_first[::-1]
    assert walk(world, operation, sample, limit=4) == everything
    before_gives_the_page_next_to_it(world, operation, sample, everything)


def before_gives_the_page_next_to_it(
    world: World, operation: Operation, sample: Sample, everything: list[str]
) -> None:
    middle = ask(world, operation, sample, limit=2, before=everything[4])
    assert ids(middle) == everything[2:4]
    assert middle["list_metadata"] == {"before": everything[2], "after": everything[3]}
    first = ask(world, operation, sample, limit=2, before=middle["list_metadata"]["before"])
    assert ids(first) == everything[:2]
    assert first["list_metadata"]["before"] is None
    assert ids(ask(world, operation, sample, limit=2, after=everything[1])) == everything[2:4]
    turned = ask(world, operation, sample, limit=2, order="normal", before=everything[1])
    assert ids(turned) == everything[2:4]
    assert turned["list_metadata"] == {"before": everything[3], "after": everything[2]}


@pytest.mark.parametrize("operation", EMPTY, ids=name)
def test_a_list_of_nothing_is_empty(world: World, operation: Operation) -> None:
    page = ask(world, operation, sample_of(operation, world))
    assert (page["data"], page["list_metadata"]) == ([], {"before": None, "after": None})


@pytest.mark.parametrize("operation", LISTING, ids=name)
def test_a_page_that_cannot_be_is_refused(one_world: World, operation: Operation) -> None:
    sample = sample_of(operation, one_world)
    path = fill(operation, sample.path)
    wrong: list[dict[str, Any]] = [{"limit": each} for each in ("0", "101", "-1", "ten", "", "1.5", "٣")]
    wrong += [{"order": "sideways"}, {"before": "a\x00"}, {"after": "a\x00"}, {"before": "a", "after": "b"}]
    if operation in KNOWN:
        wrong += [{each: "a\x00b"} for each in operation.filters]
    for query in wrong:
        answer = one_world.api.get(path, params=sample.query | query)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request_parameters"), query
    for query in ({"limit": "1"}, {"limit": "100"}, {"after": "x" * 5_000}, {"unknown": "x"}):
        assert one_world.api.get(path, params=sample.query | query).status_code in (200, 422), query


SPELLINGS = [
    lambda name, values: [(name, ",".join(values))],
    lambda name, values: [(name, value) for value in values],
    lambda name, values: [(f"{name}[]", value) for value in values],
]


@pytest.mark.parametrize("spell", SPELLINGS, ids=["joined", "repeated", "brackets"])
def test_arrays_are_read_however_they_are_spelled(world: World, spell: Any) -> None:
    member = world.membership()
    world.api.put(f"/user_management/organization_memberships/{member['id']}/deactivate").raise_for_status()
    place = [("organization_id", member["organization_id"])]
    path = "/user_management/organization_memberships"

    def found(values: list[str]) -> list[str]:
        return ids(world.api.get(path, params=[*place, *spell("statuses", values)]).json())

    assert found(["active", "pending"]) == []
    assert found(["active", "inactive"]) == [member["id"]]
    events = ["organization_membership.updated", "organization_membership.created"]
    listed = world.api.get("/events", params=[*place, *spell("events", events)]).json()["data"]
    assert {each["event"] for each in listed} == set(events)
