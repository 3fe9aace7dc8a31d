"""What the server does by itself, each in threads of its own: mail and webhooks leave, imports come in."""

import logging

from vestibule.server.identity import outbox, webhook_outbox
from vestibule.server.identity.context import Identity
from vestibule.server.identity.webhooks import reach_of
from vestibule.server.import_lanes import import_lanes
from vestibule.server.lanes import Lanes, Work
from vestibule.server.outbound.client import Outbound

log = logging.getLogger("vestibule.server.webhooks")


class Leaving:
    def __init__(self, identity: Identity, outbound: Outbound | None = None) -> None:
        self._mail = outbox.delivery(identity)
        self._imports = import_lanes(identity)
        self._webhooks = webhook_lanes(identity, outbound or Outbound(reach_of(identity.settings)))

    def start(self) -> None:
        self._mail.start()
        self._webhooks.start()
        self._imports.start()

    def stop(self) -> None:
        """Returns when what is under way has left, or stays due."""
        self._imports.stop()
        self._webhooks.stop()
        self._mail.stop()


def webhook_lanes(identity: Identity, outbound: Outbound) -> Lanes:
    def claim() -> Work | None:
        batch = webhook_outbox.claim(identity)
        if batch is None:
            return None
        return lambda stopping: webhook_outbox.deliver(identity, batch, outbound, stopping=stopping)

    return Lanes(claim, log=log, fault="webhook_delivery_failed")
