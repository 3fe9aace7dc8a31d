import datetime as dt
import random

import pytest

from vestibule.server.store.rows import Page, Slice
from vestibule.server.store.store import Store

START = dt.datetime(2026, 1, 15, 12, tzinfo=dt.UTC)
IDS = [f"org_{number:02}" for number in range(23)]


@pytest.fixture
def filled(store: Store) -> Store:
    """Several share each moment, and they were not written in order."""
    numbered = list(enumerate(IDS))
    random.Random(7).shuffle(numbered)  # noqa: S311 - any order will do, and always the same
    with store.transaction() as tx:
        for number, organization_id in numbered:
            then = START + dt.timedelta(milliseconds=number // 4)
            tx.organizations.create(
                id=organization_id, name="x", metadata={}, created_at=then, updated_at=then
            )
    return store


def fetch(store: Store, **page: object) -> Slice[object]:
    with store.read() as tx:
        return tx.organizations.list(Page(**page))


def ids(page: Slice[object]) -> list[str]:
    return [record.id for record in page.data]


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [1, 4, 5, 22, 23, 100])
def test_walking_forth_and_back_sees_everything_once(filled: Store, order: str, limit: int) -> None:
    expected = IDS if order == "asc" else IDS[::-1]
    pages = [fetch(filled, limit=limit, order=order)]
    while pages[-1].after is not None:
        pages.append(fetch(filled, limit=limit, order=order, after=pages[-1].after))
    assert [found for page in pages for found in ids(page)] == expected
    assert pages[0].before is None
    # The page before a page is the adjacent one.
    back = [pages[-1]]
    while back[-1].before is not None:
        back.append(fetch(filled, limit=limit, order=order, before=back[-1].before))
    assert [ids(page) for page in back] == [ids(page) for page in pages[::-1]]


def test_an_unknown_cursor_gives_an_empty_page(filled: Store) -> None:
    for cursor in ({"after": "org_unknown"}, {"before": "org_unknown"}):
        assert fetch(filled, **cursor) == Slice((), None, None)


def test_the_ends_have_nothing_beyond_them(filled: Store) -> None:
    assert fetch(filled, order="asc", after=IDS[-1]) == Slice((), None, None)
    assert fetch(filled, order="asc", before=IDS[0]) == Slice((), None, None)


def test_rows_that_arrive_meanwhile_disturb_no_walk(filled: Store) -> None:
    first = fetch(filled, limit=10, order="asc")
    with filled.transaction() as tx:
        tx.organizations.create(id="org_00a", name="x", metadata={}, created_at=START, updated_at=START)
    assert ids(fetch(filled, limit=10, order="asc", after=first.after)) == IDS[10:20]
