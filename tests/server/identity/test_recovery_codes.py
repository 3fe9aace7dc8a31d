from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.server.authenticators import enroll, show
from tests.server.people import events_of, make_user
from vestibule.server.identity import recovery_codes
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Denied, NotFound


def test_ten_codes_each_good_once_in_any_spelling(identity: Identity) -> None:
    user = make_user(identity)
    enroll(identity, user.id)
    codes = recovery_codes.create_recovery_codes(identity, user.id)
    assert len(set(codes)) == 10
    assert show(identity, user.id, codes[0]) == "recovery_code"
    assert show(identity, user.id, codes[1].replace("-", " ").upper()) == "recovery_code"
    for used in codes[:2]:
        with pytest.raises(Denied) as refused:
            show(identity, user.id, used)
        assert refused.value.code == "invalid_one_time_code"
    assert recovery_codes.count_recovery_codes(identity, user.id).count == 8
    used_events = events_of(identity, "recovery_code.used")
    assert [event.data["remaining"] for event in used_events] == [9, 8]


def test_new_codes_void_the_ones_before(identity: Identity) -> None:
    user = make_user(identity)
    enroll(identity, user.id)
    before = recovery_codes.create_recovery_codes(identity, user.id)
    after = recovery_codes.create_recovery_codes(identity, user.id)
    assert not set(before) & set(after)
    with pytest.raises(Denied):
        show(identity, user.id, before[0])
    assert show(identity, user.id, after[0]) == "recovery_code"


def test_codes_of_one_user_are_worth_nothing_for_another(identity: Identity) -> None:
    ada, grace = make_user(identity), make_user(identity, "grace@example.com")
    enroll(identity, ada.id)
    enroll(identity, grace.id)
    codes = recovery_codes.create_recovery_codes(identity, ada.id)
    with pytest.raises(Denied):
        show(identity, grace.id, codes[0])


def test_one_code_used_many_times_at_once_counts_once(identity: Identity) -> None:
    user = make_user(identity)
    enroll(identity, user.id)
    code = recovery_codes.create_recovery_codes(identity, user.id)[0]

    def use(_: int) -> bool:
        try:
            return show(identity, user.id, code) == "recovery_code"
        except Denied:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(use, range(4))) == [False, False, False, True]


def test_codes_stand_in_for_a_confirmed_factor_only(identity: Identity) -> None:
    user = make_user(identity)
    enroll(identity, user.id, confirmed=False)
    with pytest.raises(Denied) as refused:
        recovery_codes.create_recovery_codes(identity, user.id)
    assert refused.value.code == "no_authentication_factor"
    for look in (recovery_codes.create_recovery_codes, recovery_codes.count_recovery_codes):
        with pytest.raises(NotFound):
            look(identity, "user_none")


def test_codes_are_kept_hashed_and_never_told_again(identity: Identity) -> None:
    user = make_user(identity)
    enroll(identity, user.id)
    codes = recovery_codes.create_recovery_codes(identity, user.id)
    show(identity, user.id, codes[3])
    told = str([event.data for event in events_of(identity)])
    for code in codes:
        assert code not in told
        assert code.replace("-", "").upper() not in told
