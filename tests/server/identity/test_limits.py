import pytest

from tests.clocks import Clock
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import TooMany
from vestibule.server.identity.limits import Limit, hit, hit_all, place_of


def test_a_limit_is_reached_and_passes(identity: Identity, clock: Clock) -> None:
    for _ in range(3):
        hit(identity, "key", limit=3, seconds=60)
    clock.advance(seconds=20)
    with pytest.raises(TooMany) as refused:
        hit(identity, "key", limit=3, seconds=60)
    assert refused.value.retry_after == 40
    assert refused.value.code == "too_many_requests"
    hit(identity, "another key", limit=3, seconds=60)
    clock.advance(seconds=40)
    hit(identity, "key", limit=3, seconds=60)


def test_every_key_is_counted_even_when_one_is_over(identity: Identity) -> None:
    tight, wide = Limit(1, 60), Limit(3, 600, "daily_quota_exceeded")
    hit_all(identity, ("tight", tight), ("wide", wide))
    for _ in range(2):
        with pytest.raises(TooMany):
            hit_all(identity, ("tight", tight), ("wide", wide))
    with pytest.raises(TooMany) as refused:
        hit_all(identity, ("tight", tight), ("wide", wide))
    assert (refused.value.retry_after, refused.value.code) == (600, "daily_quota_exceeded")


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("somewhere", "somewhere"),
    ],
)
def test_an_address_that_costs_nothing_to_change_is_no_other_place(address: str, place: str) -> None:
    assert place_of(address) == place
