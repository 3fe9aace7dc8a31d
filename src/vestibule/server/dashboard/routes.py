"""Every page and deed of the dashboard."""

from collections.abc import Sequence
from typing import Final

from starlette.routing import Route

from vestibule.server import hosted
from vestibule.server.dashboard import (
    api_keys,
    application,
    events,
    getting_started,
    health_page,
    impersonations,
    operators,
    overview,
    settings_page,
    setup,
    signing_keys,
    user,
    user_deeds,
    users,
    webhook,
    webhooks,
)
from vestibule.server.dashboard.deeds import Deed, route
from vestibule.server.hops import Hops
from vestibule.server.identity.context import Identity

PARTS: Final[Sequence[Sequence[Deed]]] = (
    overview.DEEDS,
    users.DEEDS,
    user.DEEDS,
    user_deeds.DEEDS,
    impersonations.DEEDS,
    getting_started.DEEDS,
    events.DEEDS,
    operators.DEEDS,
    signing_keys.DEEDS,
    settings_page.DEEDS,
    health_page.DEEDS,
    application.DEEDS,
    api_keys.DEEDS,
    webhooks.DEEDS,
    webhook.DEEDS,
)


def routes(identity: Identity, hops: Hops) -> list[Route]:
    return [
        Route("/dashboard/setup", hosted.endpoint(setup.show, identity, hops), methods=["GET"]),
        Route(
            "/dashboard/setup", hosted.endpoint(setup.submit, identity, hops, hashes=True), methods=["POST"]
        ),
        *[route(each, identity, hops) for part in PARTS for each in part],
    ]
