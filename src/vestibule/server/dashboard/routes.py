"""Every page and deed of the dashboard."""

from collections.abc import Sequence
from typing import Final

from starlette.routing import Route

from vestibule.server import hosted
from vestibule.server.dashboard import overview, setup
from vestibule.server.dashboard.deeds import Deed, route
from vestibule.server.hops import Hops
from vestibule.server.identity.context import Identity

PARTS: Final[Sequence[Sequence[Deed]]] = (overview.DEEDS,)


def routes(identity: Identity, hops: Hops) -> list[Route]:
    return [
        Route("/dashboard/setup", hosted.endpoint(setup.show, identity, hops), methods=["GET"]),
        Route(
            "/dashboard/setup", hosted.endpoint(setup.submit, identity, hops, hashes=True), methods=["POST"]
        ),
        *[route(each, identity, hops) for part in PARTS for each in part],
    ]
