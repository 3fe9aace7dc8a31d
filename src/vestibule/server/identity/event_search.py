"""Events as operators look for them, newest first."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import NotFound
from vestibule.server.identity.event_names import KNOWN
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.operators import list_operators
from vestibule.server.identity.paging import Page, Slice
from vestibule.server.store.event_searches import Found, Wanted
from vestibule.server.store.events import Event

LATE: Final = dt.timedelta(minutes=1)
"""Events stand in the order of commits, which is that of their times but for about as much."""
MOST_OPERATORS: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is '' or None is not asked for. `name` is that of an event, or of a group such as `user`."""

    name: str = ""
    user_id: str = ""
    organization_id: str = ""
    actor_id: str = ""
    start: dt.datetime | None = None
    end: dt.datetime | None = None


def find_events(identity: Identity, search: Search, page: Page) -> Slice[Event]:
    """Newest first; `page.after` leads to older ones. `end` itself is not among them."""
    start, end = search.start, search.end
    wanted = Wanted(
        names=names_of(search.name),
        user_id=search.user_id or None,
        organization_id=search.organization_id or None,
        actor_ids=[search.actor_id] if search.actor_id else [],
        start=start,
        end=end,
        start_id="" if start is None else _first_id(start - LATE),
        end_id="" if end is None else _first_id(end + LATE),
    )
    with identity.store.read() as tx:
        return tx.event_searches.list(wanted, page)


def get_event(identity: Identity, event_id: str) -> Found:
    with identity.store.read() as tx:
        found = tx.event_searches.find(event_id)
    if found is None:
        raise NotFound.of("Event", event_id)
    return found


def list_acts(identity: Identity, *, limit: int) -> Sequence[Event]:
    """What operators did lately, newest first."""
    operators = sorted(
        list_operators(identity), key=lambda each: each.last_seen_at or each.created_at, reverse=True
    )
    actors = [each.user_id or each.id for each in operators[:MOST_OPERATORS]]
    if not actors:
        return ()
    with identity.store.read() as tx:
        return tx.event_searches.list(Wanted(actor_ids=actors), Page(limit=limit)).data


def groups() -> Sequence[str]:
    """The first words of all names there are."""
    return sorted({name.partition(".")[0] for name in KNOWN})


def names_of(name: str) -> Sequence[str]:
    if not name or "." in name:
        return [name] if name else []
    return sorted(each for each in KNOWN if each.startswith(f"{name}.")) or [name]


def _first_id(moment: dt.datetime) -> str:
    return new_id("event", moment, entropy=lambda bits: 0)
