"""The events: what happened here, to whom, and who did it."""

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from starlette.responses import Response

from vestibule.server.dashboard.deeds import page
from vestibule.server.dashboard.desk import Desk
from vestibule.server.identity.event_search import Search, find_events, get_event, groups
from vestibule.server.identity.paging import Page

PATH: Final = "/dashboard/events"
AT_ONCE: Final = 50
PAGES_OF: Final[Mapping[str, str]] = {
    "user": "/dashboard/users/",
    "org": "/dashboard/organizations/",
    "operator": "/dashboard/operators/",
}
"""By the first word of an id."""
AN_ID: Final = re.compile(r"(user|org|operator)_\w+", re.ASCII)
A_MINUTE: Final = dt.timedelta(minutes=1)


def show(desk: Desk) -> Response:
    asked = {
        name: desk.query(name).strip() for name in ("name", "user", "organization", "actor", "from", "to")
    }
    problems = [name for name in ("from", "to") if asked[name] and _moment(asked[name]) is None]
    end = _moment(asked["to"])
    search = Search(
        name=asked["name"],
        user_id=asked["user"],
        organization_id=asked["organization"],
        actor_id=asked["actor"],
        start=_moment(asked["from"]),
        end=None if end is None else end + (A_MINUTE if "T" in asked["to"] else dt.timedelta(days=1)),
    )
    cursor = Page(limit=AT_ONCE, before=desk.query("before") or None, after=desk.query("after") or None)
    kept = urlencode({name: value for name, value in asked.items() if value})
    return desk.page(
        "events.html",
        found=find_events(desk.identity, search, cursor),
        groups=groups(),
        asked=asked,
        filtered=bool(kept),
        link=f"{desk.link(PATH)}?{kept}{'&' if kept else ''}",
        problem="A time is written like 2027-01-31 or 2027-01-31T15:30, in UTC." if problems else "",
    )


def show_one(desk: Desk) -> Response:
    found = get_event(desk.identity, desk.path("event_id"))
    event = found.event
    return desk.page(
        "event.html",
        event=event,
        found=found,
        named=_named(event.data, event.organization_id, found.user_id),
        data=_pretty(event.data),
        context=_pretty(event.context) if event.context else "",
    )


def _moment(text: str) -> dt.datetime | None:
    """A date, or a date and a time of day, by UTC."""
    try:
        return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC) if text else None
    except ValueError:
        return None


def _named(
    data: Mapping[str, Any], organization_id: str | None, user_id: str | None
) -> Sequence[tuple[str, str]]:
    """The things that an event names and that have a page here: the id and where."""
    given = [organization_id, user_id, *data.values()]
    ids = dict.fromkeys(value for value in given if isinstance(value, str))
    return [(each, PAGES_OF[found[1]] + each) for each in ids if (found := AN_ID.fullmatch(each))]


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


DEEDS: Final = (page(PATH, show), page(PATH + "/{event_id}", show_one))
