import datetime as dt
import re

from vestibule.server.identity.ids import new_id, ulid

MOMENT = dt.datetime(2026, 1, 15, 12, tzinfo=dt.UTC)


def test_an_id_is_a_prefix_and_a_ulid() -> None:
    assert re.fullmatch(r"user_[0-7][0-9A-HJKMNP-TV-Z]{25}", new_id("user", MOMENT))


def test_the_bits_are_where_the_ulid_specification_puts_them() -> None:
    start = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    assert ulid(start, entropy=lambda bits: 0) == "0" * 26
    assert ulid(start, entropy=lambda bits: 1) == "0" * 25 + "1"
    assert ulid(start, entropy=lambda bits: (1 << bits) - 1) == "0" * 10 + "Z" * 16
    assert ulid(start + dt.timedelta(milliseconds=33), entropy=lambda bits: 0) == "0" * 8 + "11" + "0" * 16


def test_later_ids_sort_later() -> None:
    later = MOMENT + dt.timedelta(milliseconds=1)
    assert ulid(MOMENT, entropy=lambda bits: (1 << bits) - 1) < ulid(later, entropy=lambda bits: 0)


def test_ids_of_one_moment_differ() -> None:
    assert len({ulid(MOMENT) for _ in range(1_000)}) == 1_000
