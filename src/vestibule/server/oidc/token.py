"""The token endpoint of standard clients (RFC 6749 §3.2): form in, bearer tokens out."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vestibule.server.answers import Answer
from vestibule.server.hops import Hops
from vestibule.server.identity import devices, grants
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import IdentityError, OAuthDenied
from vestibule.server.identity.events import Caller
from vestibule.server.identity.opening import Authentication
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
) -> Authentication:
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
        )
    if kind == "refresh_token":
        return grants.refresh(
            identity,
            client_id=credentials["client_id"],
            client_secret=credentials["client_secret"],
            refresh_token=required(parameters, "refresh_token"),
            organization_id=parameters.get("organization_id"),
        )
    if kind == devices.GRANT_TYPE:
        return devices.device_grant(
            identity,
            client_id=credentials["client_id"],
            client_secret=credentials["client_secret"],
            device_code=required(parameters, "device_code"),
            caller=caller,
        )
    text = "Use authorization_code, refresh_token or the one of devices."
    raise OAuthDenied(text, code="unsupported_grant_type")


def _tokens(identity: Identity, done: Authentication) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "access_token": done.access_token,
        "token_type": "Bearer",
        "expires_in": identity.settings.access_token_seconds,
        "refresh_token": done.refresh_token,
        "scope": done.session.scope or "",
    }
    if done.id_token is not None:
        answer["id_token"] = done.id_token
    return answer
