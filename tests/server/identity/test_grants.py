from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.clocks import Clock
from tests.server.apps import CALLBACK, PASSWORD, App
from tests.server.people import code_in as code_in_mail
from tests.server.people import events_of, mails_to
from vestibule.crypto.jwt import decode_unverified
from vestibule.crypto.pkce import create_pair
from vestibule.server.identity import grants, step_grants
from vestibule.server.identity.api_keys import create_api_key, list_api_keys, revoke_api_key
from vestibule.server.identity.authorize import check_authorization
from vestibule.server.identity.browser import end_browser_session
from vestibule.server.identity.errors import Denied, IdentityError, OAuthDenied, StepUp, TooMany
from vestibule.server.identity.events import Caller
from vestibule.server.identity.logins import begin_login, finish_login, update_login
from vestibule.server.identity.memberships import delete_membership
from vestibule.server.identity.sessions import get_session
from vestibule.server.identity.users import create_user, get_user

RIGHT, OTHER = create_pair(), create_pair()
INVALID, NO_CLIENT, NO_CHALLENGE = "invalid_grant", "invalid_client", "code_challenge_not_found"


def refusal(app: App, code: str, **proof: str | None) -> str:
    with pytest.raises((OAuthDenied, Denied)) as caught:
        app.exchange(code, **proof)
    return caught.value.code


VERIFIERS = {
    "right": RIGHT.verifier,
    "other": OTHER.verifier,
    "the challenge": RIGHT.challenge,
    "too long": "x" * 129,
    "not ascii": "ü" * 43,
}
# challenge sent, secret, verifier → the answer: None is a session
TRUTH = [
    (True, "right", "right", None),
    (True, None, "right", None),
    (True, "right", None, INVALID),
    (True, None, None, INVALID),
    (True, "right", "other", INVALID),
    (True, None, "other", INVALID),
    (True, None, "the challenge", INVALID),
    (True, None, "", INVALID),
    (True, None, "too long", INVALID),
    (True, None, "not ascii", INVALID),
    (True, "wrong", "right", NO_CLIENT),
    (False, "right", None, None),
    (False, "right", "", None),
    (False, None, None, NO_CLIENT),
    (False, "", None, NO_CLIENT),
    (False, "wrong", None, NO_CLIENT),
    (False, "right", "right", NO_CHALLENGE),
    (False, None, "right", NO_CHALLENGE),
]


@pytest.mark.parametrize(("challenged", "secret", "verifier", "answer"), TRUTH)
def test_AS_1_a_code_needs_the_secret_or_the_verifier(
    app: App, challenged: bool, secret: str | None, verifier: str | None, answer: str | None
) -> None:
    user = app.create_user()
    code = app.code(user, RIGHT if challenged else None)
    brought = {"right": app.secret, "wrong": "sk_test_wrong"}.get(secret or "", secret)
    proof = {"client_secret": brought, "code_verifier": VERIFIERS.get(verifier or "", verifier)}
    if answer is None:
        assert app.exchange(code, **proof).user.id == user.id
        return
    assert refusal(app, code, **proof) == answer
    # A refused attempt uses nothing up: it cannot take the code away from its owner.
    good = {"code_verifier": RIGHT.verifier} if challenged else {"client_secret": app.secret}
    assert app.exchange(code, **good).user.id == user.id


def test_AS_1_a_second_use_ends_the_session_of_the_first(app: App) -> None:
    code = app.code(app.create_user(), RIGHT)
    first = app.exchange(code, code_verifier=RIGHT.verifier)
    assert refusal(app, code, code_verifier=RIGHT.verifier) == INVALID
    assert get_session(app.identity, first.session.id).ended_at is not None
    with pytest.raises(OAuthDenied):
        app.refresh(first.refresh_token)
    (reused,) = events_of(app.identity, "session.code_reused")
    assert reused.data["id"] == first.session.id


def test_AS_1_a_second_use_without_the_proof_ends_nothing(app: App) -> None:
    code = app.code(app.create_user(), RIGHT)
    first = app.exchange(code, code_verifier=RIGHT.verifier)
    assert refusal(app, code) == INVALID
    assert refusal(app, code, code_verifier=OTHER.verifier) == INVALID
    assert app.refresh(first.refresh_token).session.id == first.session.id


def test_AS_1_of_many_at_once_one_at_most_gets_a_session(app: App) -> None:
    code = app.code(app.create_user(), RIGHT)
    together = Barrier(8)

    def exchange(_: int) -> str | None:
        together.wait()
        try:
            return app.exchange(code, code_verifier=RIGHT.verifier).refresh_token
        except OAuthDenied:
            return None

    with ThreadPoolExecutor(8) as pool:
        (token,) = set(pool.map(exchange, range(8))) - {None}
    with pytest.raises(OAuthDenied):
        app.refresh(token)
    assert len(events_of(app.identity, "session.created")) == 1


def test_AS_1_a_code_lives_ten_minutes(app: App, clock: Clock) -> None:
    user = app.create_user()
    in_time, late = app.code(user, RIGHT), app.code(user, RIGHT)
    clock.advance(minutes=9, seconds=59)
    assert app.exchange(in_time, code_verifier=RIGHT.verifier).user.id == user.id
    clock.advance(seconds=2)
    assert refusal(app, late, code_verifier=RIGHT.verifier) == INVALID


def test_AS_1_a_code_is_for_its_client_and_redirect_uri(app: App) -> None:
    code = app.code(app.create_user(), RIGHT)
    with pytest.raises(OAuthDenied) as caught:
        grants.exchange_code(app.identity, code=code, client_id="client_other", code_verifier=RIGHT.verifier)
    assert caught.value.code == NO_CLIENT
    other = "https://app.example.com/other"
    assert refusal(app, code, code_verifier=RIGHT.verifier, redirect_uri=other) == INVALID
    assert app.exchange(code, code_verifier=RIGHT.verifier, redirect_uri=CALLBACK).session.id


@pytest.mark.parametrize("code", ["", "nonsense", "x" * 10_000, "\udcff\x00"])
def test_AS_1_an_unknown_code_is_refused(app: App, code: str) -> None:
    assert refusal(app, code, client_secret=app.secret) == INVALID


def test_a_revoked_key_is_no_secret(app: App) -> None:
    (key,) = list_api_keys(app.identity)
    _, other = create_api_key(app.identity, "The new one")
    revoke_api_key(app.identity, key.id)
    code = app.code(app.create_user())
    assert refusal(app, code, client_secret=app.secret) == NO_CLIENT
    assert app.exchange(code, client_secret=other).session.id


def test_a_code_is_worth_nothing_after_signing_out_here(app: App) -> None:
    user = app.create_user()
    request = check_authorization(app.identity, app.ask(RIGHT))
    login = begin_login(app.identity, request, "browser")
    login = update_login(app.identity, login, user_id=user.id, authentication_method="Password")
    finished = finish_login(app.identity, login)
    end_browser_session(app.identity, finished.browser_token)
    code = parse_qs(urlsplit(finished.redirect_to or "").query)["code"][0]
    assert refusal(app, code, code_verifier=RIGHT.verifier) == INVALID


def test_a_code_for_an_organization_the_user_has_left_is_refused(app: App) -> None:
    user = app.create_user()
    membership = app.create_member(user)
    code = app.code(user, RIGHT, organization_id=membership.organization_id)
    delete_membership(app.identity, membership.id)
    assert refusal(app, code, code_verifier=RIGHT.verifier) == "organization_membership_not_found"


def test_a_sign_in_says_who_where_and_how(app: App) -> None:
    user = app.create_user()
    membership = app.create_member(user)
    code = app.code(user, RIGHT, organization_id=membership.organization_id)
    caller = Caller(ip_address="198.51.100.7", user_agent="Firefox\x00" + "x" * 1_000)
    done = app.exchange(code, code_verifier=RIGHT.verifier, caller=caller)
    assert done.organization_id == membership.organization_id
    assert done.authentication_method == "Password"
    assert done.user.last_sign_in_at == app.identity.now
    assert done.session.ip_address == "198.51.100.7"
    assert done.session.user_agent is not None
    assert done.session.user_agent.startswith("Firefoxx")
    assert len(done.session.user_agent) < 513
    (created,) = events_of(app.identity, "session.created")
    assert created.data["id"] == done.session.id
    assert created.data["auth_method"] == "password"
    assert created.organization_id == membership.organization_id


def test_an_id_token_comes_with_the_openid_scope_only(app: App) -> None:
    user = app.create_user()
    assert app.sign_in(user).id_token is None
    assert app.sign_in(user, scope="email").id_token is None
    signed_in = app.sign_in(user, scope="openid email")
    claims = decode_unverified(signed_in.id_token or "")
    assert claims["email"] == user.email
    assert app.refresh(signed_in.refresh_token).id_token is not None


def password(app: App, text: str = PASSWORD, *, email: str = "ada@example.com", **more: str | None) -> object:
    proof = {"client_id": app.client_id, "client_secret": app.secret, **more}
    return step_grants.password_grant(app.identity, email=email, password=text, **proof)


def test_a_password_signs_in(app: App) -> None:
    user = app.create_user(password=PASSWORD)
    done = password(app)
    assert done.user.id == user.id
    assert (done.organization_id, done.authentication_method) == (None, "Password")
    assert app.refresh(done.refresh_token).session.id == done.session.id


def test_a_password_grant_needs_the_secret(app: App) -> None:
    app.create_user(password=PASSWORD)
    for secret in (None, "", "sk_test_wrong"):
        with pytest.raises(OAuthDenied) as caught:
            password(app, client_secret=secret)
        assert caught.value.code == NO_CLIENT


def test_a_wrong_password_and_an_unknown_address_read_the_same(app: App) -> None:
    app.create_user(password=PASSWORD)
    answers = set()
    for text, email in (("wrong", "ada@example.com"), (PASSWORD, "nobody@example.com")):
        with pytest.raises(Denied) as caught:
            password(app, text, email=email)
        answers.add((caught.value.code, caught.value.message))
    assert len(answers) == 1


def test_passwords_are_limited(app: App) -> None:
    app.create_user(password=PASSWORD)
    for _ in range(10):
        with pytest.raises(Denied):
            password(app, "wrong")
    with pytest.raises(TooMany):
        password(app)


def test_a_member_of_one_organization_signs_in_to_it(app: App) -> None:
    user = app.create_user(password=PASSWORD)
    membership = app.create_member(user)
    app.create_member(user, "Left", status="inactive")
    assert password(app).organization_id == membership.organization_id


def step_up(action: object, *args: object, **kwargs: object) -> IdentityError:
    with pytest.raises(StepUp) as caught:
        action(*args, **kwargs)  # type: ignore[operator]
    return caught.value


def choose(app: App, token: str, organization_id: str) -> object:
    return step_grants.organization_selection_grant(
        app.identity,
        pending_authentication_token=token,
        organization_id=organization_id,
        client_id=app.client_id,
        client_secret=app.secret,
    )


def test_a_member_of_several_has_to_choose(app: App) -> None:
    user = app.create_user(password=PASSWORD)
    one, two = app.create_member(user, "One"), app.create_member(user, "Two")
    owed = step_up(password, app)
    assert owed.code == "organization_selection_required"
    assert owed.fields["user"]["id"] == user.id
    offered = {each["name"]: each["id"] for each in owed.fields["organizations"]}
    assert offered == {"One": one.organization_id, "Two": two.organization_id}
    token = owed.fields["pending_authentication_token"]
    with pytest.raises(Denied) as caught:
        choose(app, token, "org_somewhere_else")
    assert caught.value.code == "invalid_organization_id"
    done = choose(app, token, two.organization_id)
    assert done.organization_id == two.organization_id
    with pytest.raises(Denied) as caught:
        choose(app, token, two.organization_id)
    assert caught.value.code == "invalid_pending_authentication_token"


def test_an_unverified_address_is_verified_first(app: App) -> None:
    user = create_user(app.identity, email="new@example.com", password=PASSWORD)
    owed = step_up(password, app, email="new@example.com")
    assert owed.code == "email_verification_required"
    assert owed.fields["email"] == "new@example.com"
    assert owed.fields["email_verification_id"].startswith("email_verification_")
    done = step_grants.email_verification_grant(
        app.identity,
        code=code_in_mail(mails_to(app.identity, "new@example.com")[0]),
        pending_authentication_token=owed.fields["pending_authentication_token"],
        client_id=app.client_id,
        client_secret=app.secret,
    )
    assert done.user.id == user.id
    assert done.user.email_verified
    assert get_user(app.identity, user.id).last_sign_in_at == app.identity.now


def test_a_verified_member_of_several_still_has_to_choose(app: App) -> None:
    user = create_user(app.identity, email="new@example.com", password=PASSWORD)
    app.create_member(user, "One")
    two = app.create_member(user, "Two")
    owed = step_up(password, app, email="new@example.com")
    next_owed = step_up(
        step_grants.email_verification_grant,
        app.identity,
        code=code_in_mail(mails_to(app.identity, "new@example.com")[0]),
        pending_authentication_token=owed.fields["pending_authentication_token"],
        client_id=app.client_id,
        client_secret=app.secret,
    )
    token = next_owed.fields["pending_authentication_token"]
    assert choose(app, token, two.organization_id).authentication_method == "Password"
