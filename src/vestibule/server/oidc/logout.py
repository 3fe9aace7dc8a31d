"""Signing out by navigation: the app's session, the browser's session here, and a way back to the app."""

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from vestibule.cookies import SetCookie
from vestibule.server import browser_tokens, browsers, pages
from vestibule.server.answers import refusal
from vestibule.server.hops import Hops
from vestibule.server.identity import sessions
from vestibule.server.identity.browser import find_browser_session
from vestibule.server.identity.context import Identity
from vestibule.server.identity.cors_origins import registered_origins
from vestibule.server.identity.environment import get_client_id
from vestibule.server.identity.errors import Invalid


def routes(identity: Identity, hops: Hops) -> list[Route]:
    async def logout(request: Request) -> Response:
        session_id = request.query_params.get("session_id", "")
        if not session_id or "\x00" in session_id:
            return refusal(
                Invalid.field("session_id", "session_id_required", "session_id is required.")
            ).response()
        if request.method == "HEAD":
            return Response(headers={"cache-control": "no-store"})
        return_to = request.query_params.get("return_to") or None
        target = await hops.run(sessions.logout, identity, session_id, return_to)
        response = _leave(identity, target)
        token = browsers.session_token(request, identity.settings)
        if token is not None and await hops.run(find_browser_session, identity, token) is None:
            # Only when it ended: a link with somebody's invented session_id signs nobody out here.
            browsers.end(response, identity.settings)
        for cookie in await hops.run(_forget, identity, request.cookies):
            response.headers.append("set-cookie", cookie.header())
        response.headers["cache-control"] = "no-store"
        return response

    return [Route("/user_management/sessions/logout", logout, methods=["GET"])]


def _forget(identity: Identity, cookies: Mapping[str, str]) -> Sequence[SetCookie]:
    """What an app that is only a page keeps here, once its session has ended: this one or before."""
    token = browser_tokens.kept_token(cookies, identity.settings)
    if token is not None and sessions.has_live_session(identity, token):
        return ()
    return browser_tokens.forget(
        settings=identity.settings,
        client_id=get_client_id(identity),
        origins=registered_origins(identity),
        cookies=cookies,
    )


def _leave(identity: Identity, target: str | None) -> Response:
    if target is not None:
        return RedirectResponse(target, 302)
    return pages.render(
        "signed-out.html",
        settings=identity.settings,
        title="You are signed out",
        message="The application has not said where to go from here.",
        hint="Its developers: set the sign-out redirect or the app homepage URL of this environment.",
        code="sign_out_redirect_missing",
    )
