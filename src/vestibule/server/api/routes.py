"""Every operation of the API, as routes; and the document that describes them."""

from functools import cache
from importlib.metadata import version
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vestibule.server.answers import Answer
from vestibule.server.api import (
    applications,
    audit_logs,
    authenticate,
    connections,
    cors_origins,
    devices,
    email_change,
    environment,
    events,
    factors,
    feature_flags,
    groups,
    impersonations,
    invitations,
    jwt_template,
    key_set,
    magic_auth,
    memberships,
    organization_domains,
    organizations,
    owned_keys,
    passkeys,
    password_reset,
    permissions,
    policies,
    redirect_uris,
    roles,
    sessions,
    users,
    webhooks,
)
from vestibule.server.api.endpoint import Endpoint
from vestibule.server.api.openapi import document
from vestibule.server.api.operation import Operation, by_path
from vestibule.server.api.throttle import Throttle
from vestibule.server.hops import Hops
from vestibule.server.identity.context import Identity

MODULES: Final = (
    authenticate,
    devices,
    key_set,
    sessions,
    users,
    passkeys,
    password_reset,
    magic_auth,
    invitations,
    email_change,
    redirect_uris,
    cors_origins,
    jwt_template,
    environment,
    organizations,
    organization_domains,
    groups,
    feature_flags,
    connections,
    memberships,
    roles,
    permissions,
    events,
    webhooks,
    owned_keys,
    impersonations,
    factors,
    policies,
    audit_logs,
    applications,
)
OPERATIONS: Final[tuple[Operation, ...]] = tuple(each for module in MODULES for each in module.operations)


def routes(identity: Identity, hops: Hops, *, management: bool = True) -> list[Route]:
    """`external_id` before `{id}`: the first path that fits is taken. Without `management` only what browsers
    and clients without a key may call too."""
    described = Route("/openapi.json", _described(identity, hops), methods=["GET"])
    opened = OPERATIONS if management else [each for each in OPERATIONS if each.public]
    throttle = Throttle(identity.settings)
    endpoints = {
        path: Endpoint(operations, identity=identity, hops=hops, throttle=throttle)
        for path, operations in by_path(opened).items()
    }
    return [
        *([described] if management else ()),
        *[
            Route(path, endpoint.respond, methods=list(endpoint.operations))
            for path, endpoint in endpoints.items()
        ],
    ]


def _described(identity: Identity, hops: Hops) -> Any:
    @cache
    def answer() -> Answer:
        """Made when somebody asks: few do, and it would be a good part of the start."""
        data = document(OPERATIONS, version=version("vestibule"), server=identity.settings.public_url)
        return Answer(200, data, {"cache-control": "public, max-age=300"})

    async def openapi(request: Request) -> Response:
        return (await hops.run(answer)).response()

    return openapi
