"""What clients do with tokens they have: ask what one stands for (RFC 7662), or end it (RFC 7009)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vestibule.server.answers import Answer
from vestibule.server.hops import Hops
from vestibule.server.identity import clients, devices, inspecting
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import IdentityError
from vestibule.server.identity.events import Caller
from vestibule.server.oidc.clients import caller_of, read_client, read_form, refused, required

Credentials: TypeAlias = dict[str, str | None]
Run: TypeAlias = Callable[[Identity, Mapping[str, str], Credentials, Caller], Any]


def routes(identity: Identity, hops: Hops) -> list[Route]:
    def endpoint(run: Run) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            content = await request.body()
            try:
                parameters = read_form(request.headers.get("content-type", ""), content)
                credentials = read_client(request.headers.get("authorization"), parameters)
                data = await hops.run(run, identity, parameters, credentials, caller_of(request))
            except IdentityError as error:
                return refused(request, error).response()
            return Answer(200, data).response()

        return answer

    return [
        Route("/oauth2/introspect", endpoint(_introspect), methods=["POST"]),
        Route("/oauth2/revoke", endpoint(_revoke), methods=["POST"]),
        Route("/oauth2/device_authorization", endpoint(_begin_device), methods=["POST"]),
    ]


def _introspect(
    identity: Identity, parameters: Mapping[str, str], credentials: Credentials, caller: Caller
) -> dict[str, Any]:
    """For servers only: a page cannot keep a secret, and would learn what tokens it finds are good for."""
    client = clients.authenticate_confidential(identity, **credentials, applications=True)
    return inspecting.introspect(identity, client, required(parameters, "token"))


def _revoke(
    identity: Identity, parameters: Mapping[str, str], credentials: Credentials, caller: Caller
) -> None:
    client = clients.authenticate_client(identity, **credentials, applications=True)
    inspecting.revoke_token(identity, client, required(parameters, "token"))


def _begin_device(
    identity: Identity, parameters: Mapping[str, str], credentials: Credentials, caller: Caller
) -> dict[str, Any]:
    """RFC 8628 §3.1. The official SDKs ask for the same at an address of their own, in JSON."""
    begun = devices.begin_device(
        identity, **credentials, scope=parameters.get("scope"), caller=caller, applications=True
    )
    return devices.describe(identity, begun)
