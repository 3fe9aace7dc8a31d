from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.clocks import Clock
from tests.server.people import code_in, events_of, mails_to, make_user, wrong
from vestibule.server.identity import pending, users, verification
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Denied, NotFound, TooMany
from vestibule.server.identity.events import Caller
from vestibule.server.identity.people import User


@pytest.fixture
def user(identity: Identity) -> User:
    return make_user(identity)


def confirm(identity: Identity, user: User, code: str) -> str:
    """`verified`, or the code of the refusal."""
    try:
        return (
            "verified" if verification.confirm_verification(identity, user.id, code).email_verified else "no"
        )
    except Denied as refused:
        return refused.code


def test_the_code_that_was_mailed_verifies_the_address(identity: Identity, user: User, clock: Clock) -> None:
    sent = verification.send_verification(identity, user.id)
    (mail,) = mails_to(identity, user.email)
    assert code_in(mail) == sent.code
    assert sent.code in mail.subject
    assert sent.code in mail.html
    assert (sent.user_id, sent.email) == (user.id, user.email)
    assert (sent.expires_at - sent.created_at).total_seconds() == 600
    assert verification.get_verification(identity, sent.id) == sent
    clock.advance(minutes=9, seconds=59)
    assert confirm(identity, user, sent.code) == "verified"
    assert users.get_user(identity, user.id).email_verified


def test_each_step_says_so(identity: Identity, user: User) -> None:
    sent = verification.send_verification(identity, user.id)
    confirm(identity, user, wrong(sent.code))
    confirm(identity, user, sent.code)
    created, failed, updated, succeeded = events_of(identity)[1:]
    assert created.event == "email_verification.created"
    assert created.data["id"] == sent.id
    assert "code" not in created.data
    assert failed.event == "authentication.email_verification_failed"
    assert failed.data["error"]["code"] == "invalid_one_time_code"
    assert (updated.event, updated.context) == (
        "user.updated",
        {"previous_attributes": {"email_verified": False}},
    )
    assert succeeded.event == "authentication.email_verification_succeeded"
    assert sent.code not in str([event.data for event in events_of(identity)])


def test_codes_are_six_digits_leading_zeros_included(identity: Identity, clock: Clock) -> None:
    codes = set()
    for number in range(40):
        user = make_user(identity, f"user{number}@example.com")
        codes.add(verification.send_verification(identity, user.id).code)
    assert len(codes) > 35
    assert all(len(code) == 6 and code.isascii() and code.isdigit() for code in codes)


def test_EV_2_a_code_ends_after_ten_minutes(identity: Identity, user: User, clock: Clock) -> None:
    sent = verification.send_verification(identity, user.id)
    clock.advance(minutes=10, seconds=1)
    assert confirm(identity, user, sent.code) == "email_verification_code_expired"
    assert not users.get_user(identity, user.id).email_verified


def test_EV_2_a_code_is_good_once(identity: Identity, user: User) -> None:
    sent = verification.send_verification(identity, user.id)
    assert confirm(identity, user, sent.code) == "verified"
    assert confirm(identity, user, sent.code) == "email_previously_verified"
    users.update_user(identity, user.id, changes={"email_verified": False})
    assert confirm(identity, user, sent.code) == "email_verification_code_previously_used"


def test_EV_3_a_new_code_ends_the_old_one(identity: Identity, user: User, clock: Clock) -> None:
    codes = []
    for _ in range(3):
        codes.append(verification.send_verification(identity, user.id).code)
        clock.advance(seconds=1)
    for old in set(codes[:2]) - {codes[2]}:
        assert confirm(identity, user, old) == "email_verification_code_incorrect"
    assert confirm(identity, user, codes[2]) == "verified"


def test_EV_1_a_code_is_for_one_user_only(identity: Identity, user: User) -> None:
    other = make_user(identity, "grace@example.com")
    code = verification.send_verification(identity, user.id).code
    others = verification.send_verification(identity, other.id).code
    if code != others:
        assert confirm(identity, other, code) == "email_verification_code_incorrect"
    assert not users.get_user(identity, other.id).email_verified


def test_EV_1_a_code_is_for_the_address_it_was_sent_to(identity: Identity, user: User) -> None:
    code = verification.send_verification(identity, user.id).code
    users.update_user(identity, user.id, changes={"email": "new@example.com"})
    assert confirm(identity, user, code) == "email_verification_code_incorrect"
    assert not users.get_user(identity, user.id).email_verified


@pytest.mark.parametrize("dress", [" {} ", "\t{}\n", "{}\u00a0"])
def test_EV_4_blanks_around_a_code_do_not_matter(identity: Identity, user: User, dress: str) -> None:
    code = verification.send_verification(identity, user.id).code
    assert confirm(identity, user, dress.format(code)) == "verified"


def test_EV_4_digits_of_other_scripts_are_no_digits(identity: Identity, user: User) -> None:
    code = verification.send_verification(identity, user.id).code
    full_width = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    arabic = "".join(chr(ord(digit) - ord("0") + 0x0660) for digit in code)
    for typed in (
        full_width,
        arabic,
        code[:3] + " " + code[3:],
        "+" + code[1:],
        code + "0",
        code[1:],
        "",
        "x" * 9999,
    ):
        assert confirm(identity, user, typed) == "email_verification_code_incorrect"
    assert confirm(identity, user, code) == "verified", "what cannot be a code costs no try"


def test_five_wrong_codes_burn_it(identity: Identity, user: User) -> None:
    code = verification.send_verification(identity, user.id).code
    for _ in range(5):
        assert confirm(identity, user, wrong(code)) == "email_verification_code_incorrect"
    assert confirm(identity, user, code) == "email_verification_code_incorrect"
    assert not users.get_user(identity, user.id).email_verified


def test_RL_6_of_100_parallel_guesses_five_are_evaluated(identity: Identity, user: User) -> None:
    code = verification.send_verification(identity, user.id).code
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: confirm(identity, user, wrong(code)), range(100)))
    assert set(answers) == {"email_verification_code_incorrect"}
    reasons = [
        event.data["error"]["code"]
        for event in events_of(identity, "authentication.email_verification_failed")
    ]
    assert reasons.count("invalid_one_time_code") == 5
    assert confirm(identity, user, code) == "email_verification_code_incorrect", "the code is burnt"


def test_RL_6_one_of_many_parallel_right_ones_wins(identity: Identity, user: User) -> None:
    code = verification.send_verification(identity, user.id).code
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: confirm(identity, user, code), range(20)))
    assert answers.count("verified") == 1
    assert len(events_of(identity, "authentication.email_verification_succeeded")) == 1


def test_sending_is_limited(identity: Identity, user: User, clock: Clock) -> None:
    for _ in range(3):
        verification.send_verification(identity, user.id)
    with pytest.raises(TooMany) as refused:
        verification.send_verification(identity, user.id)
    assert refused.value.retry_after == 60
    clock.advance(minutes=1)
    verification.send_verification(identity, user.id)
    assert len(mails_to(identity, user.email)) == 4


def test_thirty_mails_a_day_are_enough(identity: Identity, user: User, clock: Clock) -> None:
    for _ in range(30):
        verification.send_verification(identity, user.id)
        clock.advance(minutes=1)
    with pytest.raises(TooMany) as refused:
        verification.send_verification(identity, user.id)
    assert refused.value.code == "daily_quota_exceeded"


def test_who_is_verified_or_unknown_gets_no_code(identity: Identity, user: User) -> None:
    verified = make_user(identity, "grace@example.com", email_verified=True)
    with pytest.raises(Denied) as refused:
        verification.send_verification(identity, verified.id)
    assert refused.value.code == "email_already_verified"
    for look in (verification.send_verification, verification.get_verification):
        with pytest.raises(NotFound):
            look(identity, "nobody")
    with pytest.raises(NotFound):
        verification.confirm_verification(identity, "nobody", "123456")
    assert confirm(identity, user, "123456") == "email_verification_code_incorrect"


def pend(identity: Identity, user: User) -> str:
    return pending.create_pending(
        identity, user_id=user.id, reason="email_verification", state={"scope": "openid"}
    )


def finish(identity: Identity, token: str, code: str) -> str:
    try:
        return verification.verify_pending(identity, token, code, caller=Caller("203.0.113.7"))[0].id
    except Denied as refused:
        return refused.code


def test_a_sign_in_goes_on_with_code_and_token_together(identity: Identity, user: User) -> None:
    code, token = verification.send_verification(identity, user.id).code, pend(identity, user)
    assert finish(identity, token, wrong(code)) == "invalid_one_time_code"
    verified, kept = verification.verify_pending(identity, token, code)
    assert (verified.id, verified.email_verified) == (user.id, True)
    assert (kept.user_id, kept.state) == (user.id, {"scope": "openid"})
    assert finish(identity, token, code) == "invalid_pending_authentication_token"


def test_each_refusal_of_a_sign_in_has_its_code(identity: Identity, user: User, clock: Clock) -> None:
    code, token = verification.send_verification(identity, user.id).code, pend(identity, user)
    assert finish(identity, "unknown", code) == "invalid_pending_authentication_token"
    assert [finish(identity, token, wrong(code)) for _ in range(6)] == [
        *["invalid_one_time_code"] * 5,
        "one_time_code_too_many_attempts",
    ]
    code = verification.send_verification(identity, user.id).code
    confirm(identity, user, code)
    assert finish(identity, token, code) == "one_time_code_previously_used"
    users.update_user(identity, user.id, changes={"email_verified": False})
    clock.advance(seconds=1)
    code = verification.send_verification(identity, user.id).code
    clock.advance(minutes=9, seconds=59)
    late = pend(identity, user)
    clock.advance(seconds=1)
    assert finish(identity, late, code) == "one_time_code_expired"
    assert finish(identity, token, code) == "invalid_pending_authentication_token"


def test_LG_1_no_code_reaches_a_log_or_a_repr(
    identity: Identity, user: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    sent = verification.send_verification(identity, user.id)
    confirm(identity, user, wrong(sent.code))
    confirm(identity, user, sent.code)
    assert sent.code not in caplog.text
    assert sent.code not in repr(sent)
    with identity.store.read() as tx:
        assert sent.code not in repr(tx.verifications.find(sent.id))
