"""Reading members of foreign JSON: a wrong type counts as absent, so an unknown version does no harm."""

from collections.abc import Mapping
from datetime import UTC, datetime


def text(source: Mapping[str, object], key: str) -> str | None:
    value = source.get(key)
    return value if isinstance(value, str) else None


def texts(source: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = source.get(key)
    return tuple([each for each in value if isinstance(each, str)]) if isinstance(value, list) else ()


def text_set(source: Mapping[str, object], key: str) -> frozenset[str]:
    value = source.get(key)
    return frozenset([each for each in value if isinstance(each, str)] if isinstance(value, list) else ())


def seconds(source: Mapping[str, object], key: str) -> int | None:
    value = source.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def members(source: Mapping[str, object], key: str) -> Mapping[str, object] | None:
    value = source.get(key)
    return value if isinstance(value, dict) else None


def time(source: Mapping[str, object], key: str) -> datetime | None:
    """An aware time in UTC."""
    value = text(source, key)
    try:
        moment = datetime.fromisoformat(value) if value else None
    except ValueError:
        return None
    if moment is None or moment.tzinfo is UTC:
        return moment
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def time_text(moment: datetime | None) -> str | None:
    """The one spelling of the wire: UTC, three decimals, Z."""
    return (
        moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None
    )
