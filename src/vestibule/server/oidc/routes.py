"""Every route of the protocol."""

from starlette.routing import Route

from vestibule.server.hops import Hops
from vestibule.server.identity.context import Identity
from vestibule.server.oidc import authorize, discovery, form_post, inspection, logout, token, userinfo


def routes(identity: Identity, hops: Hops) -> list[Route]:
    modules = (authorize, form_post, token, inspection, userinfo, discovery, logout)
    return [route for module in modules for route in module.routes(identity, hops)]
