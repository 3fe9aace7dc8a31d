import datetime as dt

import pytest

from tests.clocks import Clock
from tests.server.people import put_user
from vestibule.server.store.rows import Page
from vestibule.server.store.store import Store
from vestibule.server.store.users import Taken


def test_a_user_is_found_by_id_address_and_external_id(store: Store, clock: Clock) -> None:
    put_user(store, clock(), "user_1", "Ada@example.com")
    with store.transaction() as tx:
        tx.users.update("user_1", external_id="crm-7", updated_at=clock())
    with store.read() as tx:
        found = tx.users.find("user_1")
        assert found is not None
        assert found.email == "Ada@example.com"
        assert found.email_verified is False
        assert found.metadata == {}
        assert found.created_at == clock()
        assert tx.users.find_by_email_key("ada@example.com") == found
        assert tx.users.find_by_external_id("crm-7") == found
        assert tx.users.find("user_2") is None
        assert tx.users.find_by_email_key("grace@example.com") is None


def test_an_address_belongs_to_one_user(store: Store, clock: Clock) -> None:
    put_user(store, clock(), "user_1", "ada@example.com")
    with pytest.raises(Taken) as taken:
        put_user(store, clock(), "user_2", "ADA@example.com")
    assert taken.value.column == "email_key"
    with store.read() as tx:
        assert tx.users.find("user_2") is None


def test_an_id_belongs_to_one_user(store: Store, clock: Clock) -> None:
    put_user(store, clock(), "user_1", "ada@example.com")
    with pytest.raises(Taken) as taken:
        put_user(store, clock(), "user_1", "grace@example.com")
    assert taken.value.column == "id"


def test_an_external_id_belongs_to_one_user(store: Store, clock: Clock) -> None:
    put_user(store, clock(), "user_1", "ada@example.com")
    put_user(store, clock(), "user_2", "email_key@example.com")
    with store.transaction() as tx:
        tx.users.update("user_1", external_id="email_key", updated_at=clock())

    def take_it() -> None:
        with store.transaction() as tx:
            tx.users.update("user_2", external_id="email_key", updated_at=clock())

    with pytest.raises(Taken) as taken:
        take_it()
    assert taken.value.column == "external_id"


def test_verifying_counts_only_for_the_address_that_was_proven(store: Store, clock: Clock) -> None:
    put_user(store, clock())
    with store.transaction() as tx:
        assert tx.users.verify_email("user_1", email="old@example.com", now=clock()) is None
        verified = tx.users.verify_email("user_1", email="ada@example.com", now=clock())
    assert verified is not None
    assert verified.email_verified


def test_signing_in_is_no_change_of_the_user(store: Store, clock: Clock) -> None:
    made = clock()
    put_user(store, made)
    clock.advance(hours=1)
    with store.transaction() as tx:
        user = tx.users.record_sign_in("user_1", now=clock())
    assert user is not None
    assert user.last_sign_in_at == clock()
    assert user.updated_at == made


def test_deleting_takes_everything_of_theirs_along(store: Store, clock: Clock) -> None:
    now = clock()
    put_user(store, now)
    with store.transaction() as tx:
        tx.passwords.set("user_1", hash="$argon2id$…", now=now)
        tx.identities.create(provider="GoogleOAuth", idp_id="1", user_id="user_1", now=now)
        tx.resets.create(
            id="password_reset_1", user_id="user_1", email="ada@example.com", token_sealed="s",
            token_hash=b"t", expires_at=now + dt.timedelta(minutes=1), created_at=now,
        )  # fmt: skip
    with store.transaction() as tx:
        assert tx.users.delete("user_1") is not None
        assert tx.users.delete("user_1") is None
        assert tx.passwords.find("user_1") is None
        assert tx.identities.list("user_1") == []
        assert tx.resets.find("password_reset_1") is None


def test_pages_lead_forth_and_back(store: Store, clock: Clock) -> None:
    for number in range(7):
        put_user(store, clock(), f"user_{number}", f"user{number}@example.com")
        clock.advance(seconds=number % 2)  # some in the same millisecond
    with store.read() as tx:
        first = tx.users.list(Page(limit=3, order="asc"))
        second = tx.users.list(Page(limit=3, order="asc", after=first.after))
        third = tx.users.list(Page(limit=3, order="asc", after=second.after))
        back = tx.users.list(Page(limit=3, order="asc", before=third.before))
    ids = [[user.id for user in page.data] for page in (first, second, third)]
    assert ids == [["user_0", "user_1", "user_2"], ["user_3", "user_4", "user_5"], ["user_6"]]
    assert first.before is None
    assert third.after is None
    assert [user.id for user in back.data] == ids[1]


def test_a_list_can_be_narrowed(store: Store, clock: Clock) -> None:
    now = clock()
    put_user(store, now, "user_1", "ada@example.com")
    put_user(store, now, "user_2", "grace@example.com")
    with store.transaction() as tx:
        tx.organizations.create(id="org_1", name="Analytical", metadata={}, created_at=now, updated_at=now)
        tx.memberships.create(
            id="om_1", user_id="user_2", organization_id="org_1", status="active", role="member",
            roles=["member"], created_at=now, updated_at=now,
        )  # fmt: skip
    with store.read() as tx:
        assert [user.id for user in tx.users.list(Page(), email_key="ada@example.com").data] == ["user_1"]
        assert [user.id for user in tx.users.list(Page(), organization_id="org_1").data] == ["user_2"]
        assert tx.users.list(Page(), organization_id="org_2").data == ()
