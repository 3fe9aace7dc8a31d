import pytest

from tests.clocks import Clock
from tests.server.people import make_user
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Denied
from vestibule.server.identity.pending import consume_pending, create_pending, find_pending


def test_a_token_is_good_once_and_for_its_own_step(identity: Identity) -> None:
    user = make_user(identity)
    token = create_pending(
        identity, user_id=user.id, reason="organization_selection", state={"scope": "openid"}
    )
    with pytest.raises(Denied):
        consume_pending(identity, token, reason="email_verification")
    kept = find_pending(identity, token, reason="organization_selection")
    assert (kept.user_id, kept.state) == (user.id, {"scope": "openid"})
    assert "openid" not in repr(kept)
    assert consume_pending(identity, token, reason="organization_selection") == kept
    with pytest.raises(Denied) as refused:
        consume_pending(identity, token, reason="organization_selection")
    assert refused.value.code == "invalid_pending_authentication_token"


def test_a_token_ends_in_time(identity: Identity, clock: Clock) -> None:
    token = create_pending(identity, user_id=make_user(identity).id, reason="email_verification")
    clock.advance(minutes=10)
    with pytest.raises(Denied):
        find_pending(identity, token, reason="email_verification")
