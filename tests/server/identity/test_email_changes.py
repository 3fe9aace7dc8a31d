from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.clocks import Clock
from tests.server.apps import App
from tests.server.people import code_in, events_of, mails_to, make_user, wrong
from vestibule.server.identity import email_changes, magic, resets, users, verification
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Denied, IdentityError, Invalid, NotFound, TooMany
from vestibule.server.identity.people import User
from vestibule.server.store.mailed_codes import TRIES

OLD, NEW = "ada@example.com", "lovelace@example.com"


@pytest.fixture
def user(identity: Identity) -> User:
    return make_user(identity, OLD, email_verified=True)


def send(identity: Identity, user: User, email: str = NEW) -> str:
    email_changes.send_change(identity, user.id, email)
    return code_in(mails_to(identity, email)[0])


def confirm(identity: Identity, user: User, code: str) -> str:
    """The new address, or the code of the refusal."""
    try:
        return email_changes.confirm_change(identity, user.id, code).email
    except IdentityError as refused:
        return refused.code


def test_the_code_from_the_new_address_moves_the_account(identity: Identity, user: User) -> None:
    sent = email_changes.send_change(identity, user.id, "Lovelace@Example.com")
    assert (sent.new_email, sent.user.email) == ("Lovelace@example.com", OLD)
    assert (sent.expires_at - sent.created_at).total_seconds() == 600
    code = code_in(mails_to(identity, "Lovelace@example.com")[0])
    moved = email_changes.confirm_change(identity, user.id, code)
    assert (moved.id, moved.email, moved.email_verified) == (user.id, "Lovelace@example.com", True)
    assert users.find_user_by_email(identity, OLD) is None
    event = events_of(identity, "user.updated")[-1]
    assert event.context == {"previous_attributes": {"email": OLD}}


def test_reg_better_auth_7196_the_old_address_stays_until_the_new_one_is_proven(
    identity: Identity, user: User, clock: Clock
) -> None:
    code = send(identity, user)
    assert users.get_user(identity, user.id) == user
    (asked,) = mails_to(identity, OLD)
    assert NEW in asked.text
    assert "Nothing has changed yet" in asked.text
    assert code not in asked.text + asked.html + asked.subject
    clock.advance(seconds=1)
    assert confirm(identity, user, code) == NEW
    done = mails_to(identity, OLD)[0]
    assert done.subject == "Your address at Vestibule was changed"
    assert NEW in done.text


def test_an_address_that_somebody_has_is_refused(identity: Identity, user: User) -> None:
    make_user(identity, NEW)
    for email, code in ((NEW, "email_not_available"), (OLD, "email_change_not_needed")):
        with pytest.raises(IdentityError) as refused:
            email_changes.send_change(identity, user.id, email)
        assert refused.value.code == code
    assert mails_to(identity, NEW) == []


def test_an_address_that_somebody_got_meanwhile_is_refused_at_the_end(identity: Identity, user: User) -> None:
    code = send(identity, user)
    make_user(identity, NEW)
    assert confirm(identity, user, code) == "email_not_available"
    assert users.get_user(identity, user.id).email == OLD


def test_the_same_address_in_other_letters_is_a_change(identity: Identity, user: User) -> None:
    assert confirm(identity, user, send(identity, user, "Ada@example.com")) == "Ada@example.com"


@pytest.mark.parametrize("email", ["nobody", "a@x.com,b@y.com", "a@x.com\r\nBcc: b@y.com", ""])
def test_what_is_no_address_is_refused(identity: Identity, user: User, email: str) -> None:
    with pytest.raises(Invalid) as refused:
        email_changes.send_change(identity, user.id, email)
    assert refused.value.code == "invalid_email"


def test_nothing_under_way(identity: Identity, user: User) -> None:
    assert confirm(identity, user, "123456") == "no_pending_email_change"
    for ask in (email_changes.send_change, email_changes.confirm_change):
        with pytest.raises(NotFound):
            ask(identity, "user_none", NEW)


def test_EV_2_a_code_ends_after_ten_minutes_and_is_good_once(
    identity: Identity, user: User, clock: Clock
) -> None:
    late = send(identity, user)
    clock.advance(minutes=10, seconds=1)
    assert confirm(identity, user, late) == "email_change_code_expired"
    code = send(identity, user)
    assert confirm(identity, user, code) == NEW
    assert confirm(identity, user, code) == "email_change_code_previously_used"


def test_EV_3_a_new_code_ends_the_old_one(identity: Identity, user: User, clock: Clock) -> None:
    old = send(identity, user)
    clock.advance(seconds=1)
    new = send(identity, user, "other@example.com")
    if old != new:
        assert confirm(identity, user, old) == "email_change_code_incorrect"
    assert confirm(identity, user, new) == "other@example.com"


def test_EV_1_a_code_is_for_one_user_and_one_thing(identity: Identity, user: User) -> None:
    other = make_user(identity, "grace@example.com")
    code = send(identity, user)
    others = send(identity, other, "hopper@example.com")
    if code != others:
        assert confirm(identity, other, code) == "email_change_code_incorrect"
    with pytest.raises(Denied):
        verification.confirm_verification(identity, other.id, others)
    with pytest.raises(Denied):
        magic.verify_code(identity, OLD, code)


def test_five_wrong_codes_end_the_right_one(identity: Identity, user: User) -> None:
    code = send(identity, user)
    assert {confirm(identity, user, wrong(code)) for _ in range(TRIES)} == {"email_change_code_incorrect"}
    assert confirm(identity, user, code) == "email_change_too_many_attempts"
    assert users.get_user(identity, user.id).email == OLD


def test_parallel_confirmations_move_once(identity: Identity, user: User) -> None:
    code = send(identity, user)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: confirm(identity, user, code), range(4)))
    assert answers.count(NEW) == 1
    assert len(events_of(identity, "user.updated")) == 1


def test_RS_1_what_went_to_the_old_address_ends_with_it(identity: Identity, user: User) -> None:
    reset = resets.create_reset(identity, OLD)
    letter = magic.create_magic_auth(identity, OLD)
    assert confirm(identity, user, send(identity, user)) == NEW
    with pytest.raises(IdentityError):
        resets.confirm_reset(identity, reset.password_reset_token, "an entirely new phrase")
    with pytest.raises(Denied):
        magic.verify_code(identity, NEW, letter.code)


def test_a_change_by_the_app_ends_one_that_is_under_way(identity: Identity, user: User) -> None:
    code = send(identity, user)
    users.update_user(identity, user.id, changes={"email": "third@example.com"})
    assert confirm(identity, user, code) == "email_change_code_expired"


def test_sessions_go_on(app: App) -> None:
    user = app.create_user(OLD)
    session = app.sign_in(user)
    assert confirm(app.identity, user, send(app.identity, user)) == NEW
    assert app.refresh(session.refresh_token).user.email == NEW


def test_three_codes_a_minute_are_sent(identity: Identity, user: User) -> None:
    for number in range(3):
        send(identity, user, f"new{number}@example.com")
    with pytest.raises(TooMany):
        send(identity, user, "new4@example.com")
