import pytest

from tests.clocks import Clock
from tests.server.authenticators import Authenticator, enroll, show
from tests.server.people import events_of, make_user
from vestibule.server.identity import factors
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Denied, Invalid, NotFound, TooMany
from vestibule.server.identity.paging import Page
from vestibule.server.identity.recovery_codes import count_recovery_codes, create_recovery_codes


def test_a_factor_is_shown_without_its_secret_and_kept_sealed(identity: Identity) -> None:
    user = make_user(identity)
    enrolled = factors.enroll_totp(identity, user_id=user.id)
    found = factors.get_factor(identity, enrolled.factor.id)
    assert (found.user_id, found.account, found.issuer) == (user.id, user.email, "Vestibule")
    assert enrolled.secret not in found.secret_sealed
    assert enrolled.secret not in repr(found) + repr(enrolled)
    assert [each.id for each in factors.list_factors(identity, user.id, Page()).data] == [found.id]


def test_a_secret_that_an_app_knows_already_is_taken(identity: Identity) -> None:
    user, secret = make_user(identity), "GEZDGNBVGY3TQOJQ"
    enrolled = factors.enroll_totp(identity, user_id=user.id, secret=secret.lower(), issuer="Foo")
    assert enrolled.secret == secret
    assert "issuer=Foo" in enrolled.uri
    with pytest.raises(Invalid):
        factors.enroll_totp(identity, user_id=user.id, secret="not base32!")


def test_a_factor_of_nobody_needs_a_name(identity: Identity) -> None:
    with pytest.raises(Invalid):
        factors.enroll_totp(identity)
    assert factors.enroll_totp(identity, account="till 4").factor.user_id is None


def test_users_and_factors_that_do_not_exist(identity: Identity) -> None:
    for look in (
        lambda: factors.get_factor(identity, "auth_factor_none"),
        lambda: factors.delete_factor(identity, "auth_factor_none"),
        lambda: factors.enroll_totp(identity, user_id="user_none"),
        lambda: factors.list_factors(identity, "user_none", Page()),
    ):
        with pytest.raises(NotFound):
            look()


def test_a_user_has_a_limited_number_of_factors(identity: Identity) -> None:
    user = make_user(identity)
    for _ in range(factors.MAX_FACTORS):
        factors.enroll_totp(identity, user_id=user.id)
    with pytest.raises(Invalid) as refused:
        factors.enroll_totp(identity, user_id=user.id)
    assert refused.value.code == "too_many_authentication_factors"


def test_TO_2_codes_count_around_now_and_never_backwards(identity: Identity, clock: Clock) -> None:
    user = make_user(identity)
    for steps, code in [(-2, "invalid_one_time_code"), (2, "invalid_one_time_code")]:
        app = enroll(identity, user.id, confirmed=False)
        _confirm(identity, app, steps=-1)
        with pytest.raises(Denied) as refused:
            show(identity, user.id, app.code(identity.now, steps=steps))
        assert refused.value.code == code
        factors.delete_factor(identity, app.factor_id)
    app = enroll(identity, user.id)
    clock.advance(seconds=60)
    assert show(identity, user.id, app.code(identity.now)) == "totp"
    with pytest.raises(Denied) as refused:
        show(identity, user.id, app.code(identity.now, steps=-1))
    assert refused.value.code == "one_time_code_previously_used"
    assert show(identity, user.id, app.code(identity.now, steps=1)) == "totp"


def test_reg_Gitea_TOTP_a_code_counts_once(identity: Identity, clock: Clock) -> None:
    user = make_user(identity)
    app = enroll(identity, user.id)
    code = app.code(identity.now)
    assert show(identity, user.id, code) == "totp"
    for _ in range(2):
        with pytest.raises(Denied) as refused:
            show(identity, user.id, code)
        assert refused.value.code == "one_time_code_previously_used"
    clock.advance(seconds=30)
    with pytest.raises(Denied):
        show(identity, user.id, code)


def test_TO_3_an_unconfirmed_factor_proves_nothing(identity: Identity) -> None:
    user = make_user(identity)
    app = enroll(identity, user.id, confirmed=False)
    with pytest.raises(Denied) as refused:
        show(identity, user.id, app.code(identity.now))
    assert refused.value.code == "invalid_one_time_code"


def test_tries_are_limited_per_user_and_forgotten_after_a_right_one(identity: Identity, clock: Clock) -> None:
    user, other = make_user(identity), make_user(identity, "grace@example.com")
    app, others = enroll(identity, user.id), enroll(identity, other.id)
    for _ in range(5):
        with pytest.raises(Denied):
            show(identity, user.id, app.wrong(identity.now))
    with pytest.raises(TooMany):
        show(identity, user.id, app.code(identity.now))
    assert show(identity, other.id, others.code(identity.now)) == "totp"
    clock.advance(seconds=61)
    assert show(identity, user.id, app.code(identity.now)) == "totp"
    for _ in range(5):
        with pytest.raises(Denied):
            show(identity, user.id, app.wrong(identity.now))


def test_every_try_is_an_event(identity: Identity) -> None:
    user = make_user(identity)
    app = enroll(identity, user.id)
    with pytest.raises(Denied):
        show(identity, user.id, app.wrong(identity.now))
    show(identity, user.id, app.code(identity.now))
    failed, succeeded = events_of(identity, "authentication.mfa_failed", "authentication.mfa_succeeded")
    assert failed.data["error"]["code"] == "invalid_one_time_code"
    assert succeeded.data["user_id"] == failed.data["user_id"] == user.id
    assert app.secret not in str([event.data for event in events_of(identity)])


def test_with_the_last_factor_go_the_recovery_codes(identity: Identity) -> None:
    user = make_user(identity)
    first, second = enroll(identity, user.id), enroll(identity, user.id)
    create_recovery_codes(identity, user.id)
    factors.delete_factor(identity, first.factor_id)
    assert count_recovery_codes(identity, user.id).count == 10
    factors.delete_factor(identity, second.factor_id)
    assert count_recovery_codes(identity, user.id).count == 0
    names = [event.event for event in events_of(identity, "authentication_factor.deleted")]
    assert len(names) == 2


def _confirm(identity: Identity, app: Authenticator, *, steps: int) -> None:
    with identity.store.transaction() as tx:
        factor = factors.existing_factor(tx, app.factor_id)
        factors.use_code(tx, identity, factor, app.code(identity.now, steps=steps))
