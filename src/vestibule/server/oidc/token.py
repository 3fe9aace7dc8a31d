"""The token endpoint of standard clients (RFC 6749 §3.2): form in, bearer tokens out."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vestibule.server.answers import Answer
from vestibule.server.hops import Hops
from vestibule.server.identity import devices, grants, machines
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import get_client_id
from vestibule.server.identity.errors import IdentityError, OAuthDenied
from vestibule.server.identity.events import Caller
from vestibule.server.identity.machines import MachineToken
from vestibule.server.identity.opening import Authentication
from vestibule.server.identity.scopes import OFFLINE
from vestibule.server.oidc.clients import caller_of, read_client, read_form, refused, required


def routes(identity: Identity, hops: Hops) -> list[Route]:
    async def token(request: Request) -> Response:
        content = await request.body()
        try:
            parameters = read_form(request.headers.get("content-type", ""), content)
            credentials = read_client(request.headers.get("authorization"), parameters)
            done = await hops.run(_grant, identity, parameters, credentials, caller_of(request))
        except IdentityError as error:
            return refused(request, error).response()
        return Answer(200, _tokens(identity, done), {"pragma": "no-cache"}).response()

    return [Route("/oauth2/token", token, methods=["POST"])]


def _grant(
    identity: Identity,
    parameters: Mapping[str, str],
    credentials: dict[str, str | None],
    caller: Caller,
) -> Authentication | MachineToken:
    kind = required(parameters, "grant_type")
    if kind == "authorization_code":
        return grants.exchange_code(
            identity,
            client_id=credentials["client_id"],
            client_secret=credentials["client_secret"],
            code=required(parameters, "code"),
            code_verifier=parameters.get("code_verifier"),
            redirect_uri=required(parameters, "redirect_uri"),
            caller=caller,
            applications=True,
        )
    if kind == "refresh_token":
        return grants.refresh(
            identity,
            client_id=credentials["client_id"],
            client_secret=credentials["client_secret"],
            refresh_token=required(parameters, "refresh_token"),
            organization_id=parameters.get("organization_id"),
            applications=True,
        )
    if kind == devices.GRANT_TYPE:
        return devices.device_grant(
            identity,
            client_id=credentials["client_id"],
            client_secret=credentials["client_secret"],
            device_code=required(parameters, "device_code"),
            caller=caller,
            applications=True,
        )
    if kind == "client_credentials":
        return machines.client_credentials(
            identity,
            client_id=credentials["client_id"],
            client_secret=credentials["client_secret"],
            scope=parameters.get("scope"),
        )
    text = "Use authorization_code, refresh_token, client_credentials or the one of devices."
    raise OAuthDenied(text, code="unsupported_grant_type")


def _tokens(identity: Identity, done: Authentication | MachineToken) -> dict[str, Any]:
    """The environment's own app always refreshes; others only when that was asked for and allowed."""
    answer: dict[str, Any] = {
        "access_token": done.access_token,
        "token_type": "Bearer",
        "expires_in": identity.settings.access_token_seconds,
    }
    if isinstance(done, MachineToken):
        return answer | {"scope": done.scope}
    scope = done.session.scope or ""
    if done.session.client_id == get_client_id(identity) or OFFLINE in scope.split():
        answer["refresh_token"] = done.refresh_token
    answer["scope"] = scope
    if done.id_token is not None:
        answer["id_token"] = done.id_token
    return answer
