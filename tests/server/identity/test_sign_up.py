import pytest

from tests.clocks import Clock
from tests.server.people import PASSWORD, code_in, events_of, mails_to, make_user, wrong
from vestibule.server.identity import passwords, sign_up, users
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Denied, IdentityError, Invalid, TooMany
from vestibule.server.identity.events import Caller
from vestibule.server.identity.limits import TRIES_PER_ADDRESS, hit_all
from vestibule.server.identity.sign_up import SignUp

HOME = Caller("203.0.113.7", "Test/1.0")


def begin(identity: Identity, email: str = "ada@example.com", password: str = PASSWORD) -> SignUp:
    return sign_up.sign_up(
        identity, email=email, password=password, first_name="Ada", last_name="Lovelace", caller=HOME
    )


def confirm(identity: Identity, signed_up: SignUp, code: str) -> tuple[str, str]:
    """What somebody watching sees: the code and the sentence."""
    try:
        sign_up.confirm(identity, signed_up, code, caller=HOME)
    except IdentityError as refused:
        return refused.code, refused.message
    return "verified", ""


def test_somebody_new_signs_up_and_proves_the_address(identity: Identity) -> None:
    signed_up = begin(identity)
    assert signed_up.user_id is not None
    user = users.get_user(identity, signed_up.user_id)
    assert (user.email, user.first_name, user.last_name) == ("ada@example.com", "Ada", "Lovelace")
    assert not user.email_verified
    (mail,) = mails_to(identity, "ada@example.com")
    assert mail.kind == "verify_email"
    verified = sign_up.confirm(identity, signed_up, code_in(mail), caller=HOME)
    assert (verified.id, verified.email_verified) == (user.id, True)
    assert passwords.verify_password(identity, "ada@example.com", PASSWORD) == verified
    assert [event.event for event in events_of(identity)] == [
        "user.created",
        "email_verification.created",
        "user.updated",
        "authentication.email_verification_succeeded",
        "authentication.password_succeeded",
    ]


def test_who_has_an_account_is_told_by_mail_only(identity: Identity) -> None:
    owner = make_user(identity, password="eight red balloons", email_verified=True)
    signed_up = begin(identity)
    assert signed_up == SignUp("ada@example.com", None)
    (mail,) = mails_to(identity, "ada@example.com")
    assert mail.kind == "already_registered"
    assert "http://localhost:8100/forgot-password" in mail.text
    assert users.get_user(identity, owner.id) == owner
    with pytest.raises(Denied):
        passwords.verify_password(identity, owner.email, PASSWORD)
    assert [event.event for event in events_of(identity)][:1] == ["user.created"]


def test_mail_goes_to_the_stored_address_not_to_the_typed_one(identity: Identity) -> None:
    make_user(identity, "Ada@example.com", email_verified=True)
    begin(identity, "ADA@example.com")
    assert [mail.kind for mail in mails_to(identity, "Ada@example.com")] == ["already_registered"]
    assert mails_to(identity, "ADA@example.com") == []


def story(identity: Identity, clock: Clock, email: str) -> list[object]:
    """Everything a stranger can try, and what comes back."""
    seen: list[object] = []
    signed_up = begin(identity, email)
    seen += [confirm(identity, signed_up, "nonsense") for _ in range(2)]
    seen += [confirm(identity, signed_up, guess(identity, email)) for _ in range(7)]
    for _ in range(3):
        try:
            sign_up.resend(identity, signed_up)
            seen.append("sent")
        except TooMany as refused:
            seen.append((refused.code, refused.retry_after))
    seen += [confirm(identity, signed_up, guess(identity, email)) for _ in range(7)]
    clock.advance(minutes=11)
    seen.append(confirm(identity, signed_up, guess(identity, email)))
    sign_up.resend(identity, signed_up)
    clock.advance(minutes=9)
    seen.append(confirm(identity, signed_up, guess(identity, email)))
    clock.advance(minutes=2)
    seen.append(confirm(identity, signed_up, guess(identity, email)))
    return seen


def guess(identity: Identity, email: str) -> str:
    """Wrong for certain, so that no test depends on luck."""
    newest = mails_to(identity, email)[0]
    return wrong(code_in(newest)) if newest.kind == "verify_email" else "000000"


def test_EN_2_a_stranger_learns_nothing_from_signing_up(identity: Identity, clock: Clock) -> None:
    make_user(identity, "grace@example.com", password=PASSWORD, email_verified=True)
    make_user(identity, "hedy@example.com", password=PASSWORD)
    unknown = story(identity, clock, "ada@example.com")
    assert "sent" in unknown
    assert {code for code, *_ in unknown if len(code) > 4} > {
        "email_verification_code_incorrect",
        "email_verification_code_expired",
    }
    for known in ("grace@example.com", "hedy@example.com"):
        clock.advance(days=2)
        assert story(identity, clock, known) == unknown


def test_EN_2_what_is_wrong_with_the_form_is_said_before_looking(identity: Identity) -> None:
    make_user(identity, "grace@example.com", email_verified=True)
    for email in ("grace@example.com", "ada@example.com"):
        with pytest.raises(Invalid) as refused:
            begin(identity, email, "password")
        assert refused.value.code == "password_strength_error"
    with pytest.raises(Invalid):
        begin(identity, "no address")
    with pytest.raises(Invalid):
        sign_up.sign_up(identity, email="ada@example.com", password=PASSWORD, first_name="a\r\nb")
    assert len(events_of(identity)) == 1


def test_signing_up_twice_makes_one_account(identity: Identity, clock: Clock) -> None:
    first = begin(identity)
    clock.advance(seconds=1)
    second = begin(identity, "ADA@EXAMPLE.COM", "eight red balloons")
    assert second.user_id is None
    mails = mails_to(identity, "ada@example.com")
    assert [mail.kind for mail in mails] == ["already_registered", "verify_email"]
    assert confirm(identity, first, code_in(mails[1])) == ("verified", "")
    assert passwords.verify_password(identity, "ada@example.com", PASSWORD).email_verified


def test_a_second_code_replaces_the_first(identity: Identity, clock: Clock) -> None:
    signed_up = begin(identity)
    clock.advance(seconds=1)
    sign_up.resend(identity, signed_up)
    newest, first = mails_to(identity, "ada@example.com")
    if code_in(first) != code_in(newest):
        assert confirm(identity, signed_up, code_in(first))[0] == "email_verification_code_incorrect"
    assert confirm(identity, signed_up, code_in(newest))[0] == "verified"
    sign_up.resend(identity, signed_up)
    assert len(mails_to(identity, "ada@example.com")) == 2, "who is verified needs no further code"


def test_one_address_cannot_sign_up_without_end(identity: Identity) -> None:
    for _ in range(TRIES_PER_ADDRESS.times):
        hit_all(identity, (f"sign-up:address:{HOME.ip_address}", TRIES_PER_ADDRESS))
    with pytest.raises(TooMany):
        begin(identity)


def test_EN_2_a_pretence_that_was_swept_away_still_answers_like_an_old_code(
    identity: Identity, clock: Clock
) -> None:
    make_user(identity, email_verified=True)
    signed_up = begin(identity)
    clock.advance(days=3)
    with identity.store.transaction() as tx:
        tx.rates.purge(before=clock())
    assert confirm(identity, signed_up, "000000")[0] == "email_verification_code_expired"
