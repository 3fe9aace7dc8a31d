import datetime as dt
from typing import Any

import pytest

from tests.clocks import Clock
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import NotFound
from vestibule.server.identity.event_search import Search, find_events, get_event, names_of
from vestibule.server.identity.events import append
from vestibule.server.identity.paging import Page

TEN = Page(limit=10)


def happen(identity: Identity, name: str, organization_id: str | None = None, **data: Any) -> str:
    context = {"actor": {"id": "user_ops", "source": "dashboard", "name": "ops@example.com"}}
    with identity.store.transaction() as tx:
        append(
            tx,
            identity,
            name,
            {"object": "user", **data},
            organization_id=organization_id,
            context=context if name == "user.updated" else None,
        )
        tx.events.write()
        (newest,) = tx.events.list(Page(limit=1, order="desc")).data
    return newest.id


@pytest.fixture
def identity(store: Any, settings: Any, clock: Clock) -> Identity:
    """The data here is shorter than that of real events, so nothing holds it against their shapes."""
    return Identity(store, settings, clock)


def ids(identity: Identity, page: Page = TEN, **wanted: Any) -> list[str]:
    return [event.id for event in find_events(identity, Search(**wanted), page).data]


def test_events_are_found_by_name_group_user_organization_and_actor(identity: Identity) -> None:
    made = happen(identity, "user.created", id="user_1")
    changed = happen(identity, "user.updated", id="user_1")
    other = happen(identity, "organization.created", "org_1", id="org_1")
    joined = happen(identity, "organization_membership.created", "org_1", user_id="user_1", id="om_1")
    assert ids(identity) == [joined, other, changed, made]
    assert ids(identity, name="user.created") == [made]
    assert ids(identity, name="user") == [changed, made]
    assert ids(identity, name="organization") == [other]
    assert ids(identity, user_id="user_1") == [joined, changed, made]
    assert ids(identity, organization_id="org_1") == [joined, other]
    assert ids(identity, organization_id="org_1", user_id="user_1") == [joined]
    assert ids(identity, actor_id="user_ops") == [changed]
    assert ids(identity, actor_id="user_ops", name="user.created") == []
    assert ids(identity, name="never.heard_of") == []
    assert names_of("never") == ["never"]


def test_events_are_found_within_a_time(identity: Identity, clock: Clock) -> None:
    found = []
    for _ in range(4):
        found.append(happen(identity, "user.created", id="user_1"))
        clock.advance(hours=1)
    start, hour = clock.now - dt.timedelta(hours=4), dt.timedelta(hours=1)
    assert ids(identity, start=start + hour, end=start + 3 * hour) == [found[2], found[1]]
    assert ids(identity, start=start + 3 * hour, name="user") == [found[3]]
    assert ids(identity, end=start + hour) == [found[0]]
    assert ids(identity, start=clock.now + hour) == []


@pytest.mark.parametrize("name", ["", "user"])
def test_pages_lead_to_older_events_and_back(identity: Identity, name: str) -> None:
    made = [happen(identity, f"user.{each}", id="user_1") for each in ("created", "updated") * 3]
    made.reverse()
    first = find_events(identity, Search(name=name), Page(limit=4))
    assert ([each.id for each in first.data], first.before) == (made[:4], None)
    second = find_events(identity, Search(name=name), Page(limit=4, after=first.after))
    assert ([each.id for each in second.data], second.after) == (made[4:], None)
    back = find_events(identity, Search(name=name), Page(limit=4, before=second.before))
    assert [each.id for each in back.data] == made[:4]
    assert ids(identity, Page(limit=4, after="event_gone")) == []


def test_one_event_says_whom_it_is_about_and_who_did_it(identity: Identity) -> None:
    found = get_event(identity, happen(identity, "user.updated", id="user_1"))
    assert (found.user_id, found.actor_id) == ("user_1", "user_ops")
    with pytest.raises(NotFound):
        get_event(identity, "event_gone")
