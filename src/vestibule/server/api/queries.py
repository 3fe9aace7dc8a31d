"""Query strings and path parameters: pages, arrays, and text that the database can hold."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, cast

from starlette.datastructures import QueryParams

from vestibule.server.identity.errors import Invalid
from vestibule.server.identity.paging import Page, Slice

Order = Literal["asc", "desc", "normal"]

MAX_LIMIT: Final = 100
DEFAULT_LIMIT: Final = 10


@dataclass(frozen=True, slots=True)
class Query:
    """Filters of a list, as both spellings of the SDKs send them."""

    params: QueryParams

    def text(self, name: str) -> str | None:
        value = self.params.get(name)
        if value is not None and "\x00" in value:
            raise Invalid.field(name, f"{name}_invalid", f"{name} must not contain a NUL character.")
        return value or None

    def array(self, name: str, *, among: tuple[str, ...] = ()) -> tuple[str, ...]:
        """`a,b`, repeated, or `name[]`: clients disagree, so all three are read."""
        raw = [*self.params.getlist(name), *self.params.getlist(f"{name}[]")]
        values = tuple(part for text in raw for part in text.split(",") if part)
        wrong = [value for value in values if "\x00" in value or (among and value not in among)]
        if wrong:
            wanted = f" must be among {', '.join(among)}" if among else " is not valid"
            raise Invalid.field(name, f"{name}_invalid", f"{name}{wanted}.")
        return values


@dataclass(frozen=True, slots=True)
class Listing:
    """A page as the wire asks for it: `normal` is `desc` with the meaning of the cursors reversed."""

    page: Page
    reversed_cursors: bool = False

    def metadata(self, found: Slice[Any]) -> dict[str, str | None]:
        before, after = found.before, found.after
        if self.reversed_cursors:
            before, after = after, before
        return {"before": before, "after": after}


def read_listing(query: Query) -> Listing:
    errors = []
    limit = _limit(query.params.get("limit"))
    order = query.params.get("order", "desc")
    before, after = query.text("before"), query.text("after")
    if limit is None:
        problem = f"limit must be a whole number between 1 and {MAX_LIMIT}."
        errors.append({"field": "limit", "code": "limit_invalid", "message": problem})
    if order not in ("asc", "desc", "normal"):
        problem = "order must be asc, desc or normal."
        errors.append({"field": "order", "code": "order_invalid", "message": problem})
    if before and after:
        problem = "before and after exclude each other."
        errors.append({"field": "before", "code": "before_and_after", "message": problem})
    if errors:
        raise Invalid(errors=errors)
    page = Page(limit=limit or DEFAULT_LIMIT, before=before, after=after)
    if order == "normal":
        return Listing(replace(page, before=after, after=before), reversed_cursors=True)
    return Listing(replace(page, order=cast(Literal["asc", "desc"], order)))


def check_path(params: Mapping[str, str]) -> bool:
    """False for what no identifier can be, so that the database is never asked for it."""
    return all("\x00" not in value and len(value) <= 512 for value in params.values())


def _limit(text: str | None) -> int | None:
    if text is None:
        return DEFAULT_LIMIT
    if not text.isascii() or not text.isdigit() or len(text) > 3:
        return None
    return int(text) if 1 <= int(text) <= MAX_LIMIT else None
