from tests.clocks import Clock
from tests.server.people import put_user
from vestibule.server.store.store import Store


def test_an_account_elsewhere_belongs_to_one_user(store: Store, clock: Clock) -> None:
    put_user(store, clock(), "user_1", "ada@example.com")
    put_user(store, clock(), "user_2", "grace@example.com")
    with store.transaction() as tx:
        assert tx.identities.create(provider="GoogleOAuth", idp_id="7", user_id="user_1", now=clock())
        assert not tx.identities.create(provider="GoogleOAuth", idp_id="7", user_id="user_2", now=clock())
        assert tx.identities.create(provider="GithubOAuth", idp_id="7", user_id="user_2", now=clock())
    with store.transaction() as tx:
        found = tx.identities.find(provider="GoogleOAuth", idp_id="7")
        assert found is not None
        assert found.user_id == "user_1"
        assert [identity.provider for identity in tx.identities.list("user_2")] == ["GithubOAuth"]
        assert tx.identities.delete(provider="GoogleOAuth", idp_id="7")
        assert tx.identities.find(provider="GoogleOAuth", idp_id="7") is None
        assert not tx.identities.delete(provider="GoogleOAuth", idp_id="7")
