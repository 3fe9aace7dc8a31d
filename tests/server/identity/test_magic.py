from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.clocks import Clock
from tests.server.apps import App
from tests.server.people import PASSWORD, code_in, events_of, mails_to, make_user, wrong
from vestibule.server.identity import magic, policies, users, verification
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Denied, Invalid, NotFound, OAuthDenied, StepUp, TooMany
from vestibule.server.identity.events import Caller
from vestibule.server.identity.hashing import matches
from vestibule.server.identity.magic_grants import magic_auth_grant
from vestibule.server.store.mailed_codes import TRIES

ADA = "ada@example.com"
HERE, THERE = b"the sign-in of this browser", b"the sign-in of another one"


def enter(identity: Identity, code: str, *, email: str = ADA, bound_to: bytes | None = None) -> str:
    """`in`, or the code of the refusal."""
    try:
        return "in" if magic.verify_code(identity, email, code, bound_to=bound_to).email_verified else "no"
    except Denied as refused:
        return refused.code


def requested(identity: Identity, bound_to: bytes = HERE, email: str = ADA) -> str:
    magic.request_code(identity, email, bound_to=bound_to)
    return code_in(mails_to(identity, email)[0])


def test_the_code_that_was_mailed_lets_in(identity: Identity) -> None:
    user = make_user(identity)
    sent = magic.create_magic_auth(identity, "Ada@Example.com")
    (mail,) = mails_to(identity, ADA)
    assert code_in(mail) == sent.code
    assert sent.code in mail.html
    assert (sent.user_id, sent.email) == (user.id, ADA)
    assert (sent.expires_at - sent.created_at).total_seconds() == 600
    assert magic.get_magic_auth(identity, sent.id) == sent
    assert magic.verify_code(identity, ADA, sent.code).id == user.id


def test_each_step_says_so_and_no_event_holds_the_code(identity: Identity) -> None:
    user = make_user(identity, email_verified=True)
    sent = magic.create_magic_auth(identity, ADA)
    enter(identity, wrong(sent.code))
    magic.verify_code(identity, ADA, sent.code, caller=Caller("203.0.113.9", "a browser"))
    created, failed, succeeded = events_of(identity)[1:]
    assert (created.event, created.data["id"]) == ("magic_auth.created", sent.id)
    assert failed.event == "authentication.magic_auth_failed"
    assert failed.data["error"]["code"] == "invalid_one_time_code"
    assert succeeded.event == "authentication.magic_auth_succeeded"
    assert (succeeded.data["user_id"], succeeded.data["ip_address"]) == (user.id, "203.0.113.9")
    assert sent.code not in str([event.data for event in events_of(identity)])


def test_an_unknown_address_gets_an_account_that_is_proven_by_the_code(identity: Identity) -> None:
    sent = magic.create_magic_auth(identity, ADA)
    assert not users.get_user(identity, sent.user_id).email_verified
    assert enter(identity, sent.code) == "in"
    assert users.get_user(identity, sent.user_id).email_verified


def test_without_open_sign_up_nobody_gets_an_account(identity: Identity) -> None:
    closed = replace(identity, settings=replace(identity.settings, sign_up=False))
    with pytest.raises(OAuthDenied) as refused:
        magic.create_magic_auth(closed, ADA)
    assert refused.value.code == "sign_up_not_allowed"
    magic.request_code(closed, ADA, bound_to=HERE)
    assert mails_to(closed, ADA) == []
    assert users.find_user_by_email(closed, ADA) is None
    make_user(closed)
    assert requested(closed)


def test_EV_2_a_code_ends_after_ten_minutes_whatever_the_setting(identity: Identity, clock: Clock) -> None:
    long = replace(identity, settings=replace(identity.settings, verification_seconds=3_600))
    sent = magic.create_magic_auth(long, ADA)
    clock.advance(minutes=10, seconds=1)
    assert enter(long, sent.code) == "one_time_code_expired"


def test_EV_2_a_code_is_good_once(identity: Identity) -> None:
    sent = magic.create_magic_auth(identity, ADA)
    assert [enter(identity, sent.code) for _ in range(2)] == ["in", "one_time_code_previously_used"]


def test_EV_3_a_new_code_ends_the_old_one(identity: Identity, clock: Clock) -> None:
    codes = []
    for _ in range(3):
        codes.append(magic.create_magic_auth(identity, ADA).code)
        clock.advance(seconds=1)
    for old in set(codes[:2]) - {codes[2]}:
        assert enter(identity, old) == "invalid_one_time_code"
    assert enter(identity, codes[2]) == "in"


def test_EV_1_a_code_is_for_one_address_only(identity: Identity) -> None:
    make_user(identity)
    make_user(identity, "grace@example.com")
    code = magic.create_magic_auth(identity, ADA).code
    assert enter(identity, code, email="grace@example.com") == "invalid_one_time_code"
    assert enter(identity, code, email="nobody@example.com") == "invalid_one_time_code"


def test_EV_1_a_code_is_for_the_sign_in_that_asked(identity: Identity) -> None:
    make_user(identity)
    code = requested(identity)
    assert enter(identity, code, bound_to=THERE) == "invalid_one_time_code"
    assert enter(identity, code) == "invalid_one_time_code"
    for _ in range(TRIES):  # and nobody else can use up its tries
        enter(identity, wrong(code), bound_to=THERE)
    assert enter(identity, code, bound_to=HERE) == "in"


def test_EV_1_a_code_for_signing_in_proves_no_other_thing(identity: Identity) -> None:
    user = make_user(identity)
    code = magic.create_magic_auth(identity, ADA).code
    with pytest.raises(Denied, match="not the one"):
        verification.confirm_verification(identity, user.id, code)


@pytest.mark.parametrize("dress", [" {} ", "\t{}\n"])
def test_EV_4_blanks_around_a_code_do_not_matter(identity: Identity, dress: str) -> None:
    assert enter(identity, dress.format(magic.create_magic_auth(identity, ADA).code)) == "in"


def test_EV_4_digits_of_other_scripts_are_none(identity: Identity) -> None:
    code = magic.create_magic_auth(identity, ADA).code
    for zero in (0xFF10, 0x0660, 0x06F0):
        assert enter(identity, "".join(chr(zero + int(digit)) for digit in code)) == "invalid_one_time_code"
    assert enter(identity, str(int(code)) if code[0] == "0" else code + "0") == "invalid_one_time_code"
    assert enter(identity, code) == "in"


def test_RL_6_parallel_guesses_get_five_tries_in_all(identity: Identity) -> None:
    code = magic.create_magic_auth(identity, ADA).code
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: enter_or_wait(identity, wrong(code)), range(20)))
    assert answers.count("invalid_one_time_code") <= TRIES
    assert enter_or_wait(identity, code) != "in"


def enter_or_wait(identity: Identity, code: str) -> str:
    try:
        return enter(identity, code)
    except TooMany:
        return "wait"


def test_RL_6_five_wrong_codes_end_the_right_one(identity: Identity) -> None:
    code = magic.create_magic_auth(identity, ADA).code
    assert [enter(identity, wrong(code)) for _ in range(TRIES)] == ["invalid_one_time_code"] * TRIES
    assert enter(identity, code) == "one_time_code_too_many_attempts"


def test_parallel_use_of_the_right_code_lets_in_once(identity: Identity) -> None:
    code = magic.create_magic_auth(identity, ADA).code
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: enter(identity, code), range(4)))
    assert answers.count("in") == 1


def test_three_codes_a_minute_are_sent(identity: Identity, clock: Clock) -> None:
    for _ in range(3):
        magic.create_magic_auth(identity, ADA)
    with pytest.raises(TooMany):
        magic.create_magic_auth(identity, ADA)
    with pytest.raises(TooMany):
        magic.request_code(identity, ADA, bound_to=HERE)
    clock.advance(seconds=61)
    magic.create_magic_auth(identity, ADA)


def test_one_address_asks_for_a_hundred_people_a_minute(identity: Identity) -> None:
    def ask(number: int) -> None:
        caller = Caller("203.0.113.9")
        magic.request_code(identity, f"user{number}@example.com", bound_to=HERE, caller=caller)

    for number in range(100):
        ask(number)
    with pytest.raises(TooMany):
        ask(100)


def test_EN_2_asking_does_the_same_for_known_and_unknown_addresses(identity: Identity) -> None:
    make_user(identity)
    for email in (ADA, "nobody@example.com"):
        assert magic.request_code(identity, email, bound_to=HERE) == email
    with identity.store.read() as tx:
        assert [mail.kind for mail in tx.mails.list(limit=9)] == ["magic_code_request"] * 2
    assert [event.event for event in events_of(identity)] == ["user.created"]


@pytest.mark.parametrize("email", ["nobody", "a@x.com,b@y.com", "a@x.com\r\nBcc: b@y.com", "a@b@example.com"])
def test_reg_CVE_2022_35924_what_is_no_single_address_gets_no_code(identity: Identity, email: str) -> None:
    with pytest.raises(Invalid):
        magic.create_magic_auth(identity, email)
    with pytest.raises(Invalid):
        magic.request_code(identity, email, bound_to=HERE)
    with identity.store.read() as tx:
        assert tx.mails.list(limit=9) == []


def test_UN_1_a_look_alike_gets_nobodys_mail(identity: Identity) -> None:
    make_user(identity, "mike@example.com")
    for email in ("m\u0131ke@example.com", "\uff2d\uff29\uff2b\uff25@example.com"):
        try:
            magic.create_magic_auth(identity, email)
        except Invalid:
            continue
    assert mails_to(identity, "mike@example.com") == []


def test_a_password_that_a_stranger_set_does_not_outlive_the_proof(identity: Identity) -> None:
    """Signing up with another's address and waiting for the owner to come must gain nothing."""
    user = make_user(identity, password=PASSWORD)
    enter(identity, magic.create_magic_auth(identity, ADA).code)
    with identity.store.read() as tx:
        assert tx.passwords.find(user.id) is None


def test_the_password_of_a_proven_address_stays(identity: Identity) -> None:
    user = make_user(identity, password=PASSWORD, email_verified=True)
    enter(identity, magic.create_magic_auth(identity, ADA).code)
    with identity.store.read() as tx:
        assert matches(tx.passwords.find(user.id), PASSWORD)


def test_a_new_address_ends_the_codes_of_the_old_one(identity: Identity) -> None:
    user = make_user(identity, email_verified=True)
    code = magic.create_magic_auth(identity, ADA).code
    users.update_user(identity, user.id, changes={"email": "new@example.com"})
    assert enter(identity, code, email="new@example.com") == "invalid_one_time_code"


def test_an_unknown_code_object_is_not_found(identity: Identity) -> None:
    with pytest.raises(NotFound):
        magic.get_magic_auth(identity, "magic_auth_1")


def test_the_grant_opens_a_session(app: App) -> None:
    user = app.create_user()
    code = magic.create_magic_auth(app.identity, ADA).code
    client = {"client_id": app.client_id, "client_secret": app.secret}
    done = magic_auth_grant(app.identity, email=ADA, code=code, **client)
    assert done.user.id == user.id
    assert done.authentication_method == "MagicAuth"
    with pytest.raises(OAuthDenied, match="secret"):
        magic_auth_grant(app.identity, email=ADA, code=code, client_id=app.client_id, client_secret=None)


def test_a_policy_without_codes_sends_and_takes_none(app: App) -> None:
    app.create_user()
    code = magic.create_magic_auth(app.identity, ADA).code
    policies.set_policy(app.identity, methods=["password"])
    with pytest.raises(OAuthDenied) as refused:
        magic.create_magic_auth(app.identity, ADA)
    assert refused.value.code == "authentication_method_not_allowed"
    client = {"client_id": app.client_id, "client_secret": app.secret}
    with pytest.raises(StepUp) as late:
        magic_auth_grant(app.identity, email=ADA, code=code, **client)
    assert late.value.code == "authentication_method_not_allowed"
