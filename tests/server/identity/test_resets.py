from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.clocks import Clock
from tests.server.apps import App
from tests.server.people import PASSWORD, events_of, mails_to, make_user, token_in
from vestibule.server.identity import passwords, resets, users
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Denied, IdentityError, Invalid, NotFound, OAuthDenied, TooMany
from vestibule.server.identity.events import Caller
from vestibule.server.identity.people import User

NEW = "eight red balloons"


@pytest.fixture
def user(identity: Identity) -> User:
    return make_user(identity, password=PASSWORD)


def confirm(identity: Identity, token: str, password: str = NEW) -> str:
    """`changed`, or the code of the refusal."""
    try:
        resets.confirm_reset(identity, token, password)
    except IdentityError as refused:
        return refused.code
    return "changed"


def test_the_link_that_was_mailed_changes_the_password(identity: Identity, user: User, clock: Clock) -> None:
    resets.request_reset(identity, "ADA@example.com", caller=Caller("203.0.113.7"))
    (mail,) = mails_to(identity, user.email)
    token = token_in(mail)
    assert f"http://localhost:8100/reset-password?token={token}" in mail.html
    assert resets.check_reset(identity, token) == user.email
    clock.advance(minutes=1)
    changed = resets.confirm_reset(identity, token, NEW)
    assert changed.email_verified, "whoever opened the link reads the address"
    assert passwords.verify_password(identity, user.email, NEW).id == user.id
    with pytest.raises(Denied):
        passwords.verify_password(identity, user.email, PASSWORD)
    assert [mail.kind for mail in mails_to(identity, user.email)] == ["password_changed", "reset_password"]


def test_the_api_gets_token_and_link(identity: Identity, user: User) -> None:
    reset = resets.create_reset(identity, user.email)
    assert (reset.user_id, reset.email) == (user.id, user.email)
    assert (
        reset.password_reset_url == f"http://localhost:8100/reset-password?token={reset.password_reset_token}"
    )
    assert (reset.expires_at - reset.created_at).total_seconds() == 900
    assert resets.get_reset(identity, reset.id) == reset
    assert reset.password_reset_token not in repr(reset)
    assert token_in(mails_to(identity, user.email)[0]) == reset.password_reset_token
    with pytest.raises(NotFound):
        resets.create_reset(identity, "nobody@example.com")
    with pytest.raises(NotFound):
        resets.create_reset(identity, "no address")
    with pytest.raises(NotFound):
        resets.get_reset(identity, "password_reset_1")


def test_each_step_says_so(identity: Identity, user: User) -> None:
    reset = resets.create_reset(identity, user.email)
    confirm(identity, reset.password_reset_token)
    created, updated, succeeded = events_of(identity)[1:]
    assert (created.event, created.data["id"]) == ("password_reset.created", reset.id)
    assert updated.event == "user.updated"
    assert (succeeded.event, succeeded.data["user_id"]) == ("password_reset.succeeded", user.id)
    assert reset.password_reset_token not in str([event.data for event in events_of(identity)])


def test_EN_2_asking_is_answered_alike_for_known_and_unknown(identity: Identity, user: User) -> None:
    resets.request_reset(identity, user.email)
    resets.request_reset(identity, "nobody@example.com")
    assert len(mails_to(identity, user.email)) == 1
    assert mails_to(identity, "nobody@example.com") == []
    for email in (user.email, "nobody@example.com"):
        for _ in range(2):
            resets.request_reset(identity, email)
        with pytest.raises(TooMany) as refused:
            resets.request_reset(identity, email)
        assert refused.value.retry_after == 60
    with pytest.raises(Invalid):
        resets.request_reset(identity, "no address")


def test_RL_2_one_address_cannot_ask_for_everybody(identity: Identity) -> None:
    caller = Caller("203.0.113.7")
    for number in range(100):
        resets.request_reset(identity, f"user{number}@example.com", caller=caller)
    with pytest.raises(TooMany):
        resets.request_reset(identity, "user100@example.com", caller=caller)


def test_RS_1_a_token_is_good_once(identity: Identity, user: User) -> None:
    token = resets.create_reset(identity, user.email).password_reset_token
    assert confirm(identity, token) == "changed"
    assert confirm(identity, token) == "password_reset_error"
    with pytest.raises(Invalid):
        resets.check_reset(identity, token)


def test_RS_1_one_of_many_parallel_uses_wins(identity: Identity, user: User) -> None:
    token = resets.create_reset(identity, user.email).password_reset_token
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda number: confirm(identity, token, f"{NEW} {number}"), range(6)))
    assert sorted(answers) == ["changed"] + ["password_reset_error"] * 5
    won = f"{NEW} {answers.index('changed')}"
    assert passwords.verify_password(identity, user.email, won).id == user.id


def test_RS_1_an_expired_token_is_refused(identity: Identity, user: User, clock: Clock) -> None:
    token = resets.create_reset(identity, user.email).password_reset_token
    clock.advance(minutes=15)
    assert confirm(identity, token) == "password_reset_error"


def test_RS_1_an_unknown_token_is_refused(identity: Identity, user: User) -> None:
    token = resets.create_reset(identity, user.email).password_reset_token
    for other in ("", "unknown", token[:-1], token + " ", "\ud800"):
        assert confirm(identity, other) == "entity_not_found"
    assert confirm(identity, token) == "changed"


def test_RS_1_a_token_ends_when_the_address_changes(identity: Identity, user: User) -> None:
    token = resets.create_reset(identity, user.email).password_reset_token
    users.update_user(identity, user.id, changes={"email": "new@example.com"})
    assert confirm(identity, token) == "password_reset_error"


def test_RS_1_a_token_ends_with_a_sign_in(identity: Identity, user: User) -> None:
    token = resets.create_reset(identity, user.email).password_reset_token
    with identity.store.transaction() as tx:
        users.record_sign_in(tx, identity, user.id)
    assert confirm(identity, token) == "password_reset_error"


def test_RS_1_a_token_ends_with_a_new_password(identity: Identity, user: User) -> None:
    token = resets.create_reset(identity, user.email).password_reset_token
    users.update_user(identity, user.id, changes={"password": NEW})
    assert confirm(identity, token) == "password_reset_error"


def test_RS_1_a_token_ends_with_the_user(identity: Identity, user: User) -> None:
    token = resets.create_reset(identity, user.email).password_reset_token
    users.delete_user(identity, user.id)
    assert confirm(identity, token) == "entity_not_found"


def test_RS_3_only_the_newest_link_works(identity: Identity, user: User) -> None:
    first, second = (resets.create_reset(identity, user.email).password_reset_token for _ in range(2))
    assert confirm(identity, first) == "password_reset_error"
    assert confirm(identity, second) == "changed"


def test_a_weak_password_leaves_the_link_working(identity: Identity, user: User) -> None:
    token = resets.create_reset(identity, user.email).password_reset_token
    assert confirm(identity, token, "password") == "password_strength_error"
    assert confirm(identity, token, "short") == "password_strength_error"
    assert confirm(identity, token) == "changed"


def test_a_reset_lets_the_owner_in_whom_an_attacker_locked_out(identity: Identity, user: User) -> None:
    for _ in range(11):
        with pytest.raises((Denied, TooMany)):
            passwords.verify_password(identity, user.email, "x" * 1025)
    confirm(identity, resets.create_reset(identity, user.email).password_reset_token)
    assert passwords.verify_password(identity, user.email, NEW).id == user.id


def test_who_had_no_password_gets_one(identity: Identity) -> None:
    user = make_user(identity, "grace@example.com", email_verified=True)
    confirm(identity, resets.create_reset(identity, user.email).password_reset_token)
    assert passwords.verify_password(identity, user.email, NEW).id == user.id


def test_LG_1_no_token_reaches_a_log(
    identity: Identity, user: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    resets.request_reset(identity, user.email)
    token = token_in(mails_to(identity, user.email)[0])
    confirm(identity, token)
    assert token not in caplog.text


def test_RS_3_every_session_ends_with_the_old_password(app: App) -> None:
    user = app.create_user(password=PASSWORD)
    sessions = [app.sign_in(user) for _ in range(2)]
    bystander = app.sign_in(app.create_user("grace@example.com"))
    confirm(app.identity, resets.create_reset(app.identity, user.email).password_reset_token)
    for session in sessions:
        with pytest.raises(OAuthDenied):
            app.refresh(session.refresh_token)
    assert len(events_of(app.identity, "session.revoked")) == 2
    assert app.refresh(bystander.refresh_token).user.email == "grace@example.com"


def test_RS_1_a_token_ends_with_a_sign_in_on_the_pages(app: App) -> None:
    user = app.create_user(password=PASSWORD)
    token = resets.create_reset(app.identity, user.email).password_reset_token
    app.sign_in(user)
    assert confirm(app.identity, token) == "password_reset_error"
