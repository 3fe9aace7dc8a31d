"""Where an address is, roughly, by a database in MaxMind's format that the operator keeps a file of."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from maxminddb import Reader


def place_of(database: str | None, ip_address: str | None, language: str = "en") -> str | None:
    """`Berlin, Germany`, in the words of `language` where the database has them; None when nobody knows."""
    if database is None or ip_address is None:
        return None
    try:
        found: Any = _reader(database).get(ip_address)
    except ValueError:  # no address, or one of version 6 in a database of version 4
        return None
    if not isinstance(found, Mapping):
        return None
    named = [_name(found.get(part), language) for part in ("city", "country")]
    return ", ".join(name for name in named if name) or None


def _name(part: Any, language: str) -> str | None:
    names = part.get("names") if isinstance(part, Mapping) else None
    if not isinstance(names, Mapping):
        return None
    name = names.get(language) or names.get("en")
    return name if isinstance(name, str) else None


@cache
def _reader(database: str) -> "Reader":
    """Opened once: it is mapped into memory, and read by any number of threads."""
    import maxminddb  # here, as most servers have no such file

    return maxminddb.open_database(database)
