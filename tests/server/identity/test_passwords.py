import datetime as dt
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import bcrypt
import pytest

from tests.clocks import Clock
from tests.server.people import PASSWORD, events_of, make_user
from vestibule.server.identity import hashing
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Denied, TooMany
from vestibule.server.identity.events import Caller
from vestibule.server.identity.passwords import verify_password

HOME = Caller(ip_address="203.0.113.7", user_agent="Test/1.0")


def attempt(identity: Identity, email: str, password: str, **given: object) -> str:
    """What came of it: the user's id or the code."""
    try:
        return verify_password(identity, email, password, **given).id  # type: ignore[arg-type]
    except (Denied, TooMany) as refused:
        return refused.code


def test_the_right_password_finds_the_user(identity: Identity) -> None:
    user = make_user(identity, password=PASSWORD)
    assert verify_password(identity, " ADA@example.com", PASSWORD, caller=HOME) == user
    (event,) = events_of(identity, "authentication.password_succeeded")
    assert event.data == {
        "type": "password", "status": "succeeded", "ip_address": "203.0.113.7", "user_agent": "Test/1.0",
        "user_id": user.id, "email": "ada@example.com",
    }  # fmt: skip


@pytest.mark.parametrize(
    "password",
    ["  blanks around  ", "🦉🦊🐢 and friends", "with\x00nul inside", "x7 Kp" * 12 + "abcd", "y8 Lq" * 200],
)
def test_PW_1_passwords_are_taken_exactly(identity: Identity, password: str) -> None:
    user = make_user(identity, password=password)
    assert attempt(identity, user.email, password) == user.id
    for other in (password.strip() + " ", password[:-1], password + "\x00", password.upper()):
        if other != password:
            assert attempt(identity, user.email, other) == "invalid_credentials"


def test_PW_1_a_password_beyond_the_limit_is_not_hashed(identity: Identity) -> None:
    """With every slot taken, whoever wants to hash waits."""
    make_user(identity, password=PASSWORD)
    codes: list[str] = []
    long = threading.Thread(target=lambda: codes.append(attempt(identity, "ada@example.com", "x" * 1025)))
    with ExitStack() as slots:
        for _ in range(hashing.SLOTS):
            slots.enter_context(hashing.slot)
        long.start()
        long.join(10)
        assert codes == ["invalid_credentials"]


def test_EN_1_nobody_learns_whether_there_is_an_account(identity: Identity) -> None:
    make_user(identity, "ada@example.com", password=PASSWORD, email_verified=True)
    make_user(identity, "grace@example.com", password=PASSWORD)
    make_user(identity, "sso-only@example.com")
    answers = set()
    for email in (
        "ada@example.com",
        "grace@example.com",
        "sso-only@example.com",
        "nobody@example.com",
        "no address",
    ):
        with pytest.raises(Denied) as refused:
            verify_password(identity, email, "wrong password", caller=HOME)
        answers.add((refused.value.code, refused.value.message, str(refused.value.fields)))
    assert len(answers) == 1
    assert len(events_of(identity, "authentication.password_failed")) == 5


def test_EN_1_the_limit_is_the_same_for_accounts_that_are_none(identity: Identity) -> None:
    make_user(identity, "ada@example.com", password=PASSWORD)
    for email in ("ada@example.com", "nobody@example.com"):
        codes = [attempt(identity, email, "wrong password") for _ in range(12)]
        assert codes == ["invalid_credentials"] * 10 + ["too_many_requests"] * 2


@pytest.mark.verify
def test_EN_3_known_and_unknown_take_the_same_time(identity: Identity, clock: Clock) -> None:
    """Interleaved, lower quartiles compared, five chances: the machine is shared."""
    make_user(identity, "ada@example.com", password=PASSWORD)

    def measure() -> float:
        spent: dict[str, list[float]] = {"ada@example.com": [], "nobody@example.com": []}
        for _ in range(30):
            clock.advance(minutes=2)
            for email, times in spent.items():
                begun = time.perf_counter()
                attempt(identity, email, "wrong password")
                times.append(time.perf_counter() - begun)
        known, unknown = (statistics.quantiles(times)[0] for times in spent.values())
        return abs(known - unknown) / unknown

    assert any(measure() < 0.05 for _ in range(5))


def test_a_failure_is_recorded_with_its_reason(identity: Identity) -> None:
    user = make_user(identity, password=PASSWORD)
    attempt(identity, "ada@example.com", "wrong password", caller=HOME)
    attempt(
        identity,
        "nobody@example.com",
        "wrong password",
        caller=Caller(user_agent="bad\ud800agent" + "x" * 999),
    )
    known, unknown = events_of(identity, "authentication.password_failed")
    assert known.data["user_id"] == user.id
    assert known.data["error"]["code"] == "invalid_credentials"
    assert (unknown.data["user_id"], unknown.data["email"]) == (None, "nobody@example.com")
    assert unknown.data["user_agent"].startswith("bad?agent")
    assert len(unknown.data["user_agent"]) == 512
    assert "wrong password" not in str([event.data for event in events_of(identity)])


def test_RL_1_many_addresses_share_the_account_s_limit(identity: Identity, clock: Clock) -> None:
    user = make_user(identity, password=PASSWORD)
    for number in range(10):
        caller = Caller(ip_address=f"203.0.113.{number}")
        assert attempt(identity, user.email, "wrong password", caller=caller) == "invalid_credentials"
    with pytest.raises(TooMany) as refused:
        verify_password(identity, user.email, PASSWORD, caller=HOME)
    assert refused.value.retry_after == 60
    assert verify_password(identity, user.email, PASSWORD, known_device=True).id == user.id
    clock.advance(seconds=61)
    assert attempt(identity, user.email, PASSWORD) == user.id


def test_a_known_device_has_a_limit_too(identity: Identity) -> None:
    user = make_user(identity, password=PASSWORD)
    codes = [attempt(identity, user.email, "wrong password", known_device=True) for _ in range(11)]
    assert codes[-1] == "too_many_requests"


def test_RL_2_one_address_against_many_accounts_is_stopped(identity: Identity) -> None:
    codes = [attempt(identity, f"user{number}@example.com", "x" * 1025, caller=HOME) for number in range(103)]
    assert codes == ["invalid_credentials"] * 100 + ["too_many_requests"] * 3
    assert (
        attempt(identity, "other@example.com", "x" * 1025, caller=Caller("203.0.113.8"))
        == "invalid_credentials"
    )


def test_a_success_clears_the_account_s_count(identity: Identity) -> None:
    user = make_user(identity, password=PASSWORD)
    for _ in range(2):
        for _ in range(8):
            attempt(identity, user.email, "x" * 1025)
        assert attempt(identity, user.email, PASSWORD) == user.id


def test_the_limit_holds_for_parallel_guesses(identity: Identity) -> None:
    user = make_user(identity, password=PASSWORD)
    with ThreadPoolExecutor(20) as pool:
        codes = list(pool.map(lambda _: attempt(identity, user.email, "x" * 1025), range(40)))
    assert codes.count("invalid_credentials") == 10
    assert codes.count("too_many_requests") == 30


def test_an_imported_hash_is_upgraded_at_the_next_sign_in(identity: Identity) -> None:
    imported = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    user = make_user(identity, password_hash=imported, password_hash_type="bcrypt")
    assert attempt(identity, user.email, "wrong password") == "invalid_credentials"
    assert stored_hash(identity, user.id).startswith("imported:bcrypt:")
    assert attempt(identity, user.email, PASSWORD) == user.id
    upgraded = stored_hash(identity, user.id)
    assert upgraded.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert attempt(identity, user.email, PASSWORD) == user.id
    assert stored_hash(identity, user.id) == upgraded


def stored_hash(identity: Identity, user_id: str) -> str:
    with identity.store.read() as tx:
        stored = tx.passwords.find(user_id)
    assert stored is not None
    return stored


def test_PW_3_an_old_weak_password_still_works_but_is_flagged(
    identity: Identity, caplog: pytest.LogCaptureFixture
) -> None:
    weak = bcrypt.hashpw(b"password", bcrypt.gensalt(4)).decode()
    user = make_user(identity, password_hash=weak, password_hash_type="bcrypt")
    assert attempt(identity, user.email, "password") == user.id
    assert [
        record.message
        for record in caplog.records
        if user.id in record.message and "common" in record.message
    ]


def test_LG_1_no_password_reaches_a_log_or_an_event(
    identity: Identity, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    user = make_user(identity, password="canary in a coal mine")
    attempt(identity, user.email, "canary in a coal mine")
    attempt(identity, user.email, "canary of another mine")
    assert "canary" not in caplog.text
    assert "canary" not in str([event.data for event in events_of(identity)])
    assert "canary" not in repr(identity)


def test_the_clock_of_the_limits_is_the_identity_s(identity: Identity, clock: Clock) -> None:
    make_user(identity, password=PASSWORD)
    for _ in range(10):
        attempt(identity, "ada@example.com", "x" * 1025)
    clock.now += dt.timedelta(seconds=59, milliseconds=500)
    with pytest.raises(TooMany) as refused:
        verify_password(identity, "ada@example.com", PASSWORD)
    assert refused.value.retry_after == 1
