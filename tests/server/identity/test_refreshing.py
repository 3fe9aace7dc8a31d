import pytest

from tests.clocks import Clock
from tests.server.apps import PASSWORD, App
from tests.server.people import events_of
from vestibule.crypto.jwt import decode_unverified
from vestibule.server.identity import grants
from vestibule.server.identity.browser import end_browser_session
from vestibule.server.identity.clients import Client
from vestibule.server.identity.errors import OAuthDenied
from vestibule.server.identity.memberships import deactivate_membership, delete_membership
from vestibule.server.identity.organizations import delete_organization
from vestibule.server.identity.refreshing import refresh
from vestibule.server.identity.sessions import get_session, logout, revoke_session
from vestibule.server.identity.users import delete_user, get_user, update_user
from vestibule.server.store.schema import refresh_tokens


def denied(app: App, token: str, **more: str) -> str:
    with pytest.raises(OAuthDenied) as caught:
        app.refresh(token, **more)
    return caught.value.code


def generations(app: App) -> list[int]:
    with app.identity.store.read() as tx:
        query = refresh_tokens.select().order_by(refresh_tokens.c.generation)
        return [row.generation for row in tx.connection.execute(query)]


def test_a_refresh_gives_a_new_token_and_keeps_the_session(app: App, clock: Clock) -> None:
    first = app.sign_in(app.create_user())
    clock.advance(minutes=5)
    second = app.refresh(first.refresh_token)
    assert second.refresh_token != first.refresh_token
    assert second.session.id == first.session.id
    assert second.session.expires_at == first.session.expires_at
    assert second.session.updated_at > first.session.updated_at
    old, new = decode_unverified(first.access_token), decode_unverified(second.access_token)
    assert (new["sid"], new["sub"], new["auth_time"]) == (old["sid"], old["sub"], old["auth_time"])
    assert new["jti"] != old["jti"]
    assert new["exp"] > old["exp"]


def test_a_refresh_is_no_sign_in(app: App, clock: Clock) -> None:
    user = app.create_user()
    first = app.sign_in(user)
    signed_in_at = get_user(app.identity, user.id).last_sign_in_at
    before = [event.event for event in events_of(app.identity)]
    clock.advance(minutes=5)
    app.refresh(first.refresh_token)
    assert get_user(app.identity, user.id).last_sign_in_at == signed_in_at
    assert [event.event for event in events_of(app.identity)] == before


def test_an_unknown_token_is_refused(app: App) -> None:
    assert denied(app, "no-such-token") == "invalid_grant"
    assert denied(app, "x" * 100_000) == "invalid_grant"
    assert denied(app, "\udcff\x00") == "invalid_grant"


def test_the_tokens_are_nowhere_in_the_database(app: App) -> None:
    first = app.sign_in(app.create_user())
    second = app.refresh(first.refresh_token)
    with app.identity.store.read() as tx:
        kept = repr(tx.connection.execute(refresh_tokens.select()).all())
    assert first.refresh_token not in kept
    assert second.refresh_token not in kept


def test_tokens_are_not_in_a_repr(app: App) -> None:
    done = app.sign_in(app.create_user())
    assert done.refresh_token not in repr(done)
    assert done.access_token not in repr(done)


@pytest.mark.parametrize("seconds", [0, 30])
def test_RT_2_a_used_token_brings_the_same_successor_for_thirty_seconds(
    app: App, clock: Clock, seconds: int
) -> None:
    first = app.sign_in(app.create_user())
    second = app.refresh(first.refresh_token)
    clock.advance(seconds=seconds)
    again = app.refresh(first.refresh_token)
    assert again.refresh_token == second.refresh_token
    assert decode_unverified(again.access_token)["jti"] != decode_unverified(second.access_token)["jti"]
    assert generations(app) == [0, 1]
    clock.advance(seconds=60)
    assert app.refresh(second.refresh_token).session.id == first.session.id


def test_RT_1_a_used_token_after_the_window_ends_the_session(app: App, clock: Clock) -> None:
    first = app.sign_in(app.create_user())
    second = app.refresh(first.refresh_token)
    clock.advance(seconds=31)
    assert denied(app, first.refresh_token) == "invalid_grant"
    assert denied(app, second.refresh_token) == "invalid_grant"
    assert get_session(app.identity, first.session.id).ended_at == clock.now
    reused, revoked = events_of(app.identity, "session.refresh_token_reused", "session.revoked")
    assert reused.data["reason"] == "after_replay_window"
    assert revoked.data["id"] == first.session.id


def test_RT_6_a_straggler_whose_successor_was_used_is_refused_and_the_session_stays(app: App) -> None:
    first = app.sign_in(app.create_user())
    second = app.refresh(first.refresh_token)
    third = app.refresh(second.refresh_token)
    with pytest.raises(OAuthDenied) as caught:
        app.refresh(first.refresh_token)
    assert (caught.value.code, caught.value.fields) == ("invalid_grant", {"superseded": True})
    assert app.refresh(third.refresh_token).session.id == first.session.id
    (reused,) = events_of(app.identity, "session.refresh_token_reused")
    assert reused.data["reason"] == "successor_used"
    assert reused.data["status"] == "active"


def test_RT_6_after_the_window_it_ends_although_its_successor_was_used(app: App, clock: Clock) -> None:
    first = app.sign_in(app.create_user())
    third = app.refresh(app.refresh(first.refresh_token).refresh_token)
    clock.advance(seconds=31)
    assert denied(app, first.refresh_token) == "invalid_grant"
    assert denied(app, third.refresh_token) == "invalid_grant"


def test_RT_3_another_clients_token_is_refused_and_stays_good(app: App, clock: Clock) -> None:
    first = app.sign_in(app.create_user())
    second = app.refresh(first.refresh_token)
    clock.advance(seconds=31)
    stranger = Client("client_of_another_environment")
    for token in (first.refresh_token, second.refresh_token):
        with pytest.raises(OAuthDenied) as caught:
            refresh(app.identity, stranger, token)
        assert caught.value.code == "invalid_grant"
    assert app.refresh(second.refresh_token).session.id == first.session.id
    assert events_of(app.identity, "session.refresh_token_reused") == []


def test_a_wrong_client_id_or_secret_is_refused_and_the_token_stays_good(app: App) -> None:
    first = app.sign_in(app.create_user())
    for client_id, secret in (("client_x", None), (None, None), (app.client_id, "sk_test_wrong")):
        with pytest.raises(OAuthDenied) as caught:
            grants.refresh(
                app.identity, refresh_token=first.refresh_token, client_id=client_id, client_secret=secret
            )
        assert caught.value.code == "invalid_client"
    assert generations(app) == [0]


def test_RT_4_no_refresh_after_logout(app: App) -> None:
    first = app.sign_in(app.create_user())
    logout(app.identity, first.session.id)
    assert denied(app, first.refresh_token) == "invalid_grant"


def test_RT_4_no_refresh_after_revocation(app: App) -> None:
    first = app.sign_in(app.create_user())
    revoke_session(app.identity, first.session.id)
    assert denied(app, first.refresh_token) == "invalid_grant"


def test_RT_4_no_refresh_after_a_new_password(app: App) -> None:
    user = app.create_user(password=PASSWORD)
    first = app.sign_in(user)
    update_user(app.identity, user.id, changes={"password": "another-lantern-entirely"})
    assert denied(app, first.refresh_token) == "invalid_grant"


def test_RT_4_no_refresh_after_the_user_is_deleted(app: App) -> None:
    user = app.create_user()
    first = app.sign_in(user)
    delete_user(app.identity, user.id)
    assert denied(app, first.refresh_token) == "invalid_grant"


@pytest.mark.parametrize("leave", [delete_membership, deactivate_membership])
def test_RT_4_no_refresh_after_leaving_the_organization(app: App, leave: object) -> None:
    user = app.create_user()
    membership = app.create_member(user)
    first = app.sign_in(user, organization_id=membership.organization_id)
    elsewhere = app.sign_in(user)
    leave(app.identity, membership.id)
    assert denied(app, first.refresh_token) == "invalid_grant"
    assert app.refresh(elsewhere.refresh_token).organization_id is None


def test_RT_4_no_refresh_after_the_organization_is_deleted(app: App) -> None:
    user = app.create_user()
    membership = app.create_member(user)
    first = app.sign_in(user, organization_id=membership.organization_id)
    delete_organization(app.identity, membership.organization_id)
    assert denied(app, first.refresh_token) == "invalid_grant"


def test_no_refresh_after_the_session_has_expired(app: App, clock: Clock) -> None:
    first = app.sign_in(app.create_user())
    clock.advance(days=30)
    assert denied(app, first.refresh_token) == "invalid_grant"


def test_signing_out_at_the_server_leaves_the_apps_session(app: App) -> None:
    first = app.sign_in(app.create_user())
    end_browser_session(app.identity, "no-such-token")
    assert app.refresh(first.refresh_token).session.id == first.session.id


def test_a_switch_moves_the_session_and_later_refreshes_stay_there(app: App, clock: Clock) -> None:
    user = app.create_user()
    one, two = app.create_member(user, "One"), app.create_member(user, "Two")
    first = app.sign_in(user, organization_id=one.organization_id)
    moved = app.refresh(first.refresh_token, organization_id=two.organization_id)
    assert moved.organization_id == two.organization_id
    assert decode_unverified(moved.access_token)["org_id"] == two.organization_id
    later = app.refresh(moved.refresh_token)
    assert later.organization_id == two.organization_id
    assert later.session.id == first.session.id


def test_a_lost_reply_of_a_switch_is_given_again(app: App) -> None:
    user = app.create_user()
    membership = app.create_member(user)
    first = app.sign_in(user)
    moved = app.refresh(first.refresh_token, organization_id=membership.organization_id)
    again = app.refresh(first.refresh_token, organization_id=membership.organization_id)
    assert again.refresh_token == moved.refresh_token
    assert again.organization_id == membership.organization_id


@pytest.mark.parametrize("status", ["pending", "inactive", None, "elsewhere"])
def test_OG_1_a_switch_without_active_membership_is_refused_and_the_session_stays(
    app: App, status: str | None
) -> None:
    user = app.create_user()
    home = app.create_member(user, "Home")
    first = app.sign_in(user, organization_id=home.organization_id)
    if status is None:
        target = "org_01JHZZZZZZZZZZZZZZZZZZZZZZ"
    elif status == "elsewhere":
        target = app.create_member(app.create_user("eve@example.com"), "Eve's").organization_id
    else:
        target = app.create_member(user, "Other", status=status).organization_id
    assert denied(app, first.refresh_token, organization_id=target) == "organization_membership_not_found"
    again = app.refresh(first.refresh_token)
    assert again.organization_id == home.organization_id
    assert generations(app) == [0, 1]


def test_OG_1_all_refusals_read_the_same(app: App) -> None:
    user = app.create_user()
    first = app.sign_in(user)
    theirs = app.create_member(app.create_user("eve@example.com"), "Eve's").organization_id
    messages = set()
    for target in (theirs, "org_nonsense", "\x00"):
        with pytest.raises(OAuthDenied) as caught:
            app.refresh(first.refresh_token, organization_id=target)
        messages.add((caught.value.code, caught.value.message))
    assert len(messages) == 1
