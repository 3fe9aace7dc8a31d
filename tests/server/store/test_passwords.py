from tests.clocks import Clock
from tests.server.people import put_user
from vestibule.server.store.store import Store


def test_a_user_has_one_password(store: Store, clock: Clock) -> None:
    put_user(store, clock())
    with store.transaction() as tx:
        assert tx.passwords.find("user_1") is None
        tx.passwords.set("user_1", hash="first", now=clock())
        tx.passwords.set("user_1", hash="second", now=clock())
        assert tx.passwords.find("user_1") == "second"
        assert tx.passwords.delete("user_1")
        assert not tx.passwords.delete("user_1")


def test_a_better_hash_loses_against_a_password_set_meanwhile(store: Store, clock: Clock) -> None:
    put_user(store, clock())
    with store.transaction() as tx:
        tx.passwords.set("user_1", hash="old", now=clock())
    with store.transaction() as tx:
        assert tx.passwords.replace("user_1", old="old", new="better", now=clock())
        assert not tx.passwords.replace("user_1", old="old", new="stale", now=clock())
        assert tx.passwords.find("user_1") == "better"
