from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.clocks import Clock
from tests.server.authenticators import Authenticator, enroll
from tests.server.people import make_user
from vestibule.server.identity import challenges, factors
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Denied, Invalid, NotFound


def test_a_challenge_confirms_its_factor_once(identity: Identity) -> None:
    user = make_user(identity)
    enrolled, challenge = challenges.enroll_for_user(identity, user.id)
    app = Authenticator(enrolled.secret)
    assert challenges.verify_challenge(identity, challenge.id, app.wrong(identity.now))[1] is False
    assert factors.get_factor(identity, enrolled.factor.id).verified_at is None
    assert challenges.verify_challenge(identity, challenge.id, app.code(identity.now))[1] is True
    assert factors.get_factor(identity, enrolled.factor.id).verified_at == identity.now
    with pytest.raises(Invalid) as refused:
        challenges.verify_challenge(identity, challenge.id, app.code(identity.now, steps=1))
    assert refused.value.code == "authentication_challenge_previously_verified"


def test_a_code_that_was_used_is_not_right_for_another_challenge(identity: Identity) -> None:
    app = enroll(identity, make_user(identity).id)
    first, second = (challenges.create_challenge(identity, app.factor_id) for _ in range(2))
    code = app.code(identity.now)
    assert challenges.verify_challenge(identity, first.id, code)[1] is True
    assert challenges.verify_challenge(identity, second.id, code)[1] is False
    assert challenges.verify_challenge(identity, second.id, app.code(identity.now, steps=1))[1] is True


def test_a_challenge_is_open_for_ten_minutes(identity: Identity, clock: Clock) -> None:
    app = enroll(identity, make_user(identity).id)
    early, late = (challenges.create_challenge(identity, app.factor_id) for _ in range(2))
    clock.advance(seconds=599)
    assert challenges.verify_challenge(identity, early.id, app.code(identity.now))[1] is True
    clock.advance(seconds=1)
    with pytest.raises(Invalid) as refused:
        challenges.verify_challenge(identity, late.id, app.code(identity.now))
    assert refused.value.code == "authentication_challenge_expired"


def test_a_challenge_takes_five_tries(identity: Identity, clock: Clock) -> None:
    app = enroll(identity, make_user(identity).id)
    challenge = challenges.create_challenge(identity, app.factor_id)
    for _ in range(5):
        assert challenges.verify_challenge(identity, challenge.id, app.wrong(identity.now))[1] is False
    clock.advance(seconds=61)
    with pytest.raises(Denied) as refused:
        challenges.verify_challenge(identity, challenge.id, app.code(identity.now))
    assert refused.value.code == "one_time_code_too_many_attempts"


def test_more_challenges_do_not_mean_more_tries(identity: Identity) -> None:
    app = enroll(identity, make_user(identity).id)
    for _ in range(5):
        challenge = challenges.create_challenge(identity, app.factor_id)
        challenges.verify_challenge(identity, challenge.id, app.wrong(identity.now))
    fresh = challenges.create_challenge(identity, app.factor_id)
    with pytest.raises(Denied) as refused:
        challenges.verify_challenge(identity, fresh.id, app.code(identity.now))
    assert refused.value.code == "one_time_code_too_many_attempts"


def test_TO_1_one_code_sent_many_times_at_once_counts_once(identity: Identity) -> None:
    app = enroll(identity, make_user(identity).id)
    opened = [challenges.create_challenge(identity, app.factor_id) for _ in range(4)]
    code = app.code(identity.now)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda each: challenges.verify_challenge(identity, each.id, code)[1], opened))
    assert sorted(found) == [False, False, False, True]


def test_RL_6_parallel_guesses_at_one_challenge_are_looked_at_five_times(identity: Identity) -> None:
    """Of an application's own factor, whose tries no user's count would limit first."""
    enrolled = factors.enroll_totp(identity, account="till 4")
    app = Authenticator(enrolled.secret)
    challenge = challenges.create_challenge(identity, enrolled.factor.id)
    wrong = app.wrong(identity.now)

    def guess(_: int) -> bool | str:
        try:
            return challenges.verify_challenge(identity, challenge.id, wrong)[1]
        except Denied as refused:
            return refused.code

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(guess, range(30)))
    assert found.count(False) == 5
    assert found.count("one_time_code_too_many_attempts") == 25


def test_what_does_not_exist(identity: Identity) -> None:
    with pytest.raises(NotFound):
        challenges.create_challenge(identity, "auth_factor_none")
    with pytest.raises(NotFound):
        challenges.verify_challenge(identity, "auth_challenge_none", "123456")
    with pytest.raises(NotFound):
        challenges.enroll_for_user(identity, "user_none")
