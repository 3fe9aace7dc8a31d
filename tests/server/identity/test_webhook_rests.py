import logging

import pytest

from tests.clocks import Clock
from tests.server.deliveries import deliver_next
from tests.server.people import make_user
from vestibule.server.identity import users, webhooks
from vestibule.server.identity.context import Identity


def test_events_it_did_not_ask_for_do_not_make_a_silent_endpoint_trusted_again(
    identity: Identity, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """Looking through them asked nobody, so nothing is known of it that was not known before."""
    caplog.set_level(logging.CRITICAL, "vestibule.server.webhooks")
    url = "http://localhost:1/"  # nobody listens there
    endpoint = webhooks.create_endpoint(identity, endpoint_url=url, events=["user.created"])
    user = make_user(identity)
    deliver_next(identity)
    clock.advance(seconds=7)  # its rest is over, the next try of the event is not due
    users.update_user(identity, user.id, changes={"first_name": "Ada"})
    assert deliver_next(identity) == []
    with identity.store.read() as tx:
        stored = tx.webhook_endpoints.find(endpoint.id)
    assert stored is not None
    assert stored.failures == 1
