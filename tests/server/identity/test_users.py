import pytest

from tests.clocks import Clock
from tests.server.apps import App
from tests.server.people import PASSWORD, events_of, make_user
from vestibule.server.identity import passwords, users
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Denied, Invalid, NotFound, OAuthDenied
from vestibule.server.identity.paging import Page
from vestibule.server.identity.people import user_data


def test_a_user_is_made_as_asked(identity: Identity) -> None:
    user = make_user(
        identity, "Ada@Example.com", first_name=" Ada ", last_name="Lovelace", name=None, email_verified=True,
        external_id="crm-7", metadata={"plan": "pro"}, locale="en-GB", password=PASSWORD,
    )  # fmt: skip
    assert user.id.startswith("user_")
    assert len(user.id) == len("user_") + 26
    assert (user.email, user.first_name, user.last_name, user.name) == (
        "Ada@example.com",
        "Ada",
        "Lovelace",
        None,
    )
    assert (user.email_verified, user.external_id, user.locale) == (True, "crm-7", "en-GB")
    assert user.metadata == {"plan": "pro"}
    assert user.created_at == user.updated_at == identity.now
    assert user.last_sign_in_at is None
    assert users.get_user(identity, user.id) == user
    assert users.get_user_by_external_id(identity, "crm-7") == user
    assert users.find_user_by_email(identity, "ADA@EXAMPLE.COM") == user
    assert passwords.verify_password(identity, "ada@example.com", PASSWORD) == user


def test_a_user_is_made_with_the_id_given(identity: Identity) -> None:
    assert make_user(identity, user_id="user_demo").id == "user_demo"
    with pytest.raises(Invalid) as refused:
        make_user(identity, "grace@example.com", user_id="user_demo")
    assert [error["code"] for error in refused.value.errors] == ["id_already_used"]


def test_making_one_says_so_once(identity: Identity) -> None:
    user = make_user(identity)
    (event,) = events_of(identity)
    assert event.event == "user.created"
    assert event.id.startswith("event_")
    assert event.data["id"] == user.id
    assert event.data["created_at"] == "2026-01-15T12:00:00.000Z"
    assert set(event.data) == set(user_data(user))


@pytest.mark.parametrize("email", ["ada@example.com", "ADA@example.com", "ada@EXAMPLE.COM"])
def test_an_address_has_one_user(identity: Identity, email: str) -> None:
    make_user(identity, "Ada@example.com")
    with pytest.raises(Invalid) as refused:
        make_user(identity, email, password=PASSWORD)
    assert refused.value.code == "user_creation_error"
    assert [error["code"] for error in refused.value.errors] == ["email_not_available"]
    assert len(events_of(identity)) == 1


def test_an_external_id_has_one_user(identity: Identity) -> None:
    make_user(identity, external_id="crm-7")
    with pytest.raises(Invalid) as refused:
        make_user(identity, "grace@example.com", external_id="crm-7")
    assert refused.value.code == "user_creation_error"
    assert [error["code"] for error in refused.value.errors] == ["external_id_already_used"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"email": "nobody"}, "invalid_request_parameters"),
        ({"email": {"$ne": None}}, "invalid_request_parameters"),
        ({"first_name": "a\r\nb"}, "invalid_request_parameters"),
        ({"external_id": "ü"}, "invalid_request_parameters"),
        ({"metadata": {"k": 1}}, "invalid_metadata"),
        ({"locale": "!"}, "invalid_locale"),
        ({"password": "password"}, "password_strength_error"),
        ({"password": PASSWORD, "password_hash": "x"}, "password_and_password_hash_provided"),
        ({"password": PASSWORD, "password_hash_type": "bcrypt"}, "password_and_password_hash_type_provided"),
        ({"password_hash": "x"}, "invalid_password_hash"),
        ({"password_hash_type": "bcrypt"}, "invalid_password_hash"),
        ({"password_hash": "x", "password_hash_type": "bcrypt"}, "invalid_password_hash"),
        ({"password_salt_position": "prefix"}, "password_salt_position_requires_password_hash"),
    ],
)
def test_what_is_wrong_is_refused_with_its_code(
    identity: Identity, given: dict[str, object], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        users.create_user(identity, **{"email": "ada@example.com", **given})  # type: ignore[arg-type]
    assert refused.value.code == code
    assert events_of(identity) == []


def test_changes_change_only_what_they_name(identity: Identity) -> None:
    before = make_user(
        identity, first_name="Ada", last_name="Byron", metadata={"plan": "free", "team": "red"}
    )
    changes = {"last_name": "Lovelace", "metadata": {"plan": "pro", "team": None}, "external_id": "crm-7"}
    after = users.update_user(identity, before.id, changes=changes)
    assert (after.first_name, after.last_name, after.external_id) == ("Ada", "Lovelace", "crm-7")
    assert after.metadata == {"plan": "pro"}
    event = events_of(identity, "user.updated")[0]
    assert event.context == {
        "previous_attributes": {
            "last_name": "Byron",
            "external_id": None,
            "metadata": {"plan": "free", "team": "red"},
        }
    }
    cleared = users.update_user(identity, before.id, changes={"external_id": None, "first_name": None})
    assert (cleared.external_id, cleared.first_name) == (None, None)


def test_a_new_address_is_unverified_until_proven(identity: Identity) -> None:
    user = make_user(identity, email_verified=True)
    same = users.update_user(identity, user.id, changes={"email": "ada@example.com"})
    assert same.email_verified
    moved = users.update_user(identity, user.id, changes={"email": "Countess@example.com"})
    assert (moved.email, moved.email_verified) == ("Countess@example.com", False)
    assert users.find_user_by_email(identity, "ada@example.com") is None
    assert users.find_user_by_email(identity, "countess@example.com") == moved
    sure = users.update_user(identity, user.id, changes={"email": "ada@example.com", "email_verified": True})
    assert sure.email_verified


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"email": "grace@example.com"}, "email_not_available"),
        ({"email": "nobody"}, "invalid_email"),
        ({"external_id": "taken"}, "external_id_already_used"),
        ({"password": "password"}, "password_strength_error"),
        ({"metadata": []}, "invalid_metadata"),
        ({"id": "user_2"}, "invalid_request_parameters"),
    ],
)
def test_changes_that_cannot_be_made_change_nothing(
    identity: Identity, changes: dict[str, object], code: str
) -> None:
    make_user(identity, "grace@example.com", external_id="taken")
    user = make_user(identity)
    with pytest.raises(Invalid) as refused:
        users.update_user(identity, user.id, changes=changes)
    assert refused.value.code == code
    assert users.get_user(identity, user.id) == user


def test_a_new_password_replaces_the_old_one(identity: Identity) -> None:
    user = make_user(identity, password=PASSWORD)
    users.update_user(identity, user.id, changes={"password": "eight red balloons"})
    with pytest.raises(Denied):
        passwords.verify_password(identity, user.email, PASSWORD)
    assert passwords.verify_password(identity, user.email, "eight red balloons").id == user.id


def test_users_are_listed_and_narrowed(identity: Identity, clock: Clock) -> None:
    ada = make_user(identity)
    clock.advance(seconds=1)
    grace = make_user(identity, "grace@example.com")
    assert [user.id for user in users.list_users(identity, Page(order="asc")).data] == [ada.id, grace.id]
    assert [user.id for user in users.list_users(identity, Page(), email="ADA@example.com").data] == [ada.id]
    assert users.list_users(identity, Page(), email="nobody").data == ()
    assert users.list_users(identity, Page(), organization_id="org_1").data == ()


def test_a_deleted_user_is_gone_and_their_events_stay(identity: Identity) -> None:
    user = make_user(identity, password=PASSWORD)
    users.delete_user(identity, user.id)
    assert users.find_user(identity, user.id) is None
    assert [event.event for event in events_of(identity)] == ["user.created", "user.deleted"]
    with pytest.raises(NotFound):
        users.delete_user(identity, user.id)
    assert make_user(identity).id != user.id


def test_who_is_not_there_is_not_found(identity: Identity) -> None:
    for look in (users.get_user, users.get_user_by_external_id, users.list_identities, users.delete_user):
        with pytest.raises(NotFound):
            look(identity, "nobody")
    with pytest.raises(NotFound):
        users.update_user(identity, "user_1", changes={})
    with identity.store.transaction() as tx, pytest.raises(NotFound):
        users.record_sign_in(tx, identity, "user_1")


def test_identities_are_listed(identity: Identity) -> None:
    user = make_user(identity)
    with identity.store.transaction() as tx:
        tx.identities.create(provider="GoogleOAuth", idp_id="7", user_id=user.id, now=identity.now)
    assert [(one.provider, one.idp_id) for one in users.list_identities(identity, user.id)] == [
        ("GoogleOAuth", "7")
    ]


def test_LO_3_a_new_password_ends_every_session(app: App) -> None:
    user = app.create_user(password=PASSWORD)
    session = app.sign_in(user)
    users.update_user(app.identity, user.id, changes={"last_name": "Lovelace"})
    session = app.refresh(session.refresh_token)
    users.update_user(app.identity, user.id, changes={"password": "eight red balloons"})
    with pytest.raises(OAuthDenied):
        app.refresh(session.refresh_token)


def test_deleting_a_user_ends_and_reports_their_sessions(app: App) -> None:
    user = app.create_user()
    app.sign_in(user)
    users.delete_user(app.identity, user.id)
    assert [event.event for event in events_of(app.identity)][-2:] == ["session.revoked", "user.deleted"]
