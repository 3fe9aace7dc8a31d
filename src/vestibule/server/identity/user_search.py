"""Finding people while somebody types: by address, name, domain or id, among as many as there are."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast, get_args

from vestibule.server.identity.context import Identity
from vestibule.server.identity.people import User
from vestibule.server.store.user_searches import Order, Place, Wanted
from vestibule.server.store.user_terms import LONGEST, fold

AT_ONCE: Final = 25
MOST_WORDS: Final = 5
LONGEST_QUERY: Final = 200
LONGEST_CURSOR: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    suspended: bool = False
    unverified: bool = False
    organization_id: str | None = None
    signed_in_since: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class UsersFound:
    """`after` brings those that follow; None where there are none."""

    users: Sequence[User]
    after: str | None


def search_users(
    identity: Identity,
    query: str = "",
    filters: Filters | None = None,
    *,
    after: str = "",
    limit: int = AT_ONCE,
) -> UsersFound:
    """Every word has to begin a name, the address or, with `@`, its domain; or all of it is an id. Newest
    first without a query. A cursor that cannot be read gives the first page."""
    filters = filters or Filters()
    text = _storable(query[:LONGEST_QUERY].strip())
    wanted = Wanted(
        words=_words(text),
        suspended=filters.suspended,
        unverified=filters.unverified,
        organization_id=filters.organization_id,
        signed_in_since=filters.signed_in_since,
    )
    if _contradicts_itself(wanted.words):
        return UsersFound((), None)
    with identity.store.read() as tx:
        exact = tx.user_searches.find_exact(text) if text and not after and filters == Filters() else ()
        found = tx.user_searches.list(wanted, limit=limit, after=_place(wanted, after))
    known = {user.id for user in exact}
    return UsersFound([*exact, *(user for user in found.users if user.id not in known)], _cursor(found.after))


def _words(text: str) -> tuple[str, ...]:
    words = [word[:LONGEST] for word in fold(text.replace("-", " ") if "@" not in text else text).split()]
    # Of `ad` and `ada` the second says it all.
    return tuple(
        word
        for word in dict.fromkeys(words[:MOST_WORDS])
        if not any(other != word and other.startswith(word) for other in words)
    )


def _contradicts_itself(words: Sequence[str]) -> bool:
    """Two domains: nobody has two addresses."""
    return sum(word.startswith("@") for word in words) > 1


def _storable(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())


def _cursor(place: Place | None) -> str | None:
    if place is None:
        return None
    value = place.value
    written = value if isinstance(value, str) else str(round(value.timestamp() * 1000))
    return f"{place.order}.{place.word}.{place.row_id}.{written}"


def _place(wanted: Wanted, cursor: str) -> Place | None:
    parts = _storable(cursor[:LONGEST_CURSOR]).split(".", 3)
    if len(parts) != 4 or parts[0] not in get_args(Order) or not parts[1].isdecimal():
        return None
    order, word, row_id, value = cast("Order", parts[0]), int(parts[1][:3]), parts[2], parts[3]
    if order == "term":
        return Place(order, word, value, row_id) if word < len(wanted.words) else None
    if order == "member" and wanted.organization_id is None:
        return None
    if order == "seen" and wanted.signed_in_since is None:
        return None
    try:
        return Place(order, 0, dt.datetime.fromtimestamp(int(value[:16]) / 1000, dt.UTC), row_id)
    except (ValueError, OverflowError):
        return None
