import datetime as dt

import pytest

from vestibule.server.store.store import Store

NOW = dt.datetime(2026, 1, 15, 12, 0, 0, 123_000, tzinfo=dt.UTC)


def kept(store: Store, **values: object) -> object:
    given = {"id": "org_1", "name": "x", "metadata": {}, "created_at": NOW, "updated_at": NOW} | values
    with store.transaction() as tx:
        tx.organizations.create(**given)
    with store.read() as tx:
        return tx.organizations.find("org_1")


def test_a_moment_comes_back_to_the_millisecond_and_aware(store: Store) -> None:
    assert kept(store).created_at == NOW
    assert kept(store).created_at.tzinfo is dt.UTC


def test_a_moment_of_another_zone_is_the_same_moment(store: Store) -> None:
    tokyo = NOW.astimezone(dt.timezone(dt.timedelta(hours=9)))
    assert kept(store, created_at=tokyo).created_at == NOW


@pytest.mark.parametrize(
    "moment",
    [dt.datetime(1969, 12, 31, 23, 59, 59, 999_000, dt.UTC), dt.datetime(9999, 12, 31, tzinfo=dt.UTC)],
)
def test_moments_long_ago_and_far_ahead_are_kept(store: Store, moment: dt.datetime) -> None:
    assert kept(store, updated_at=moment).updated_at == moment


@pytest.mark.parametrize("value", ["", "é😀", "\x00", "\u2028", "\udcff", '"\\'])
def test_any_text_inside_json_is_kept(store: Store, value: str) -> None:
    assert kept(store, metadata={"key": value}).metadata == {"key": value}
