"""Who the bearer of an access token is (OpenID Connect Core §5.3)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vestibule.errors import TokenError
from vestibule.server.answers import Answer, refusal
from vestibule.server.hops import Hops
from vestibule.server.identity import sessions, users
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import IdentityError, NotFound, OAuthDenied
from vestibule.server.identity.inspecting import read_access_token
from vestibule.server.identity.tokens import user_claims


def routes(identity: Identity, hops: Hops) -> list[Route]:
    async def userinfo(request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            # RFC 6750 §3.1: without credentials no error code.
            return Answer(401, None, {"www-authenticate": "Bearer"}).response()
        try:
            return Answer(200, await hops.run(_claims, identity, token.strip())).response()
        except IdentityError as error:
            status = 403 if error.code == "insufficient_scope" else 401
            challenge = f'Bearer error="{error.code}"'
            return Answer(
                status, refusal(error, envelope="oauth").data, {"www-authenticate": challenge}
            ).response()

    return [Route("/oauth2/userinfo", userinfo, methods=["GET", "POST"])]


def _claims(identity: Identity, token: str) -> dict[str, Any]:
    """A token of an ended session is refused at once, although it would still verify."""
    try:
        claims = read_access_token(identity, token)
        session = sessions.get_session(identity, str(claims.get("sid")))
        user = users.get_user(identity, str(claims.get("sub")))
    except (TokenError, NotFound):
        raise OAuthDenied("The access token is not valid.", code="invalid_token") from None
    if session.status(identity.now) != "active" or session.user_id != user.id:
        raise OAuthDenied("The session has ended.", code="invalid_token")
    scope = session.scope or ""
    if "openid" not in scope.split():
        raise OAuthDenied("The access token was not given for openid.", code="insufficient_scope")
    return {"sub": user.id, **user_claims(user, scope)}
