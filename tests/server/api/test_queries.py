import pytest
from starlette.datastructures import QueryParams

from vestibule.server.api.queries import Query, check_path, read_listing
from vestibule.server.identity.errors import Invalid
from vestibule.server.identity.paging import Page, Slice


def query(text: str) -> Query:
    return Query(QueryParams(text))


def test_the_defaults_of_a_page() -> None:
    assert read_listing(query("")).page == Page(limit=10, order="desc")


@pytest.mark.parametrize("limit", ["0", "101", "-1", "1.5", "ten", "", "00000000001", "٣"])
def test_a_limit_out_of_range_is_refused(limit: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_listing(query(f"limit={limit}"))
    assert caught.value.errors[0]["field"] == "limit"


@pytest.mark.parametrize("limit", ["1", "100"])
def test_the_ends_of_the_range_are_in_it(limit: str) -> None:
    assert read_listing(query(f"limit={limit}")).page.limit == int(limit)


def test_every_problem_of_a_page_is_reported() -> None:
    with pytest.raises(Invalid) as caught:
        read_listing(query("limit=0&order=up&before=a&after=b"))
    assert [each["field"] for each in caught.value.errors] == ["limit", "order", "before"]


def test_normal_is_newest_first_with_the_cursors_reversed() -> None:
    listing = read_listing(query("order=normal&after=user_1"))
    assert listing.page == Page(before="user_1", order="desc")
    assert listing.metadata(Slice((), "first", "last")) == {"before": "last", "after": "first"}
    assert read_listing(query("order=asc")).metadata(Slice((), "b", "a")) == {"before": "b", "after": "a"}


@pytest.mark.parametrize("text", ["events=a,b", "events=a&events=b", "events[]=a&events[]=b"])
def test_arrays_are_read_in_every_spelling(text: str) -> None:
    assert query(text).array("events") == ("a", "b")


def test_an_array_may_be_limited_to_known_values() -> None:
    with pytest.raises(Invalid):
        query("statuses=active,gone").array("statuses", among=("active", "inactive"))


def test_SZ_4_nul_reaches_no_database() -> None:
    with pytest.raises(Invalid):
        query("email=a%00").text("email")
    with pytest.raises(Invalid):
        query("events=a%00").array("events")
    assert not check_path({"id": "user_\x00"})
    assert not check_path({"id": "x" * 513})
    assert check_path({"id": "user_01"})
