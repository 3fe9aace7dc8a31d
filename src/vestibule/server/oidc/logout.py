"""Signing out by navigation: the app's session, the browser's session here, and a way back to the app."""

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from vestibule.server import browser_tokens, browsers, pages
from vestibule.server.answers import refusal
from vestibule.server.hops import Hops
from vestibule.server.identity import sessions
from vestibule.server.identity.branding import find_branding
from vestibule.server.identity.browser import find_browser_session
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import get_client_id
from vestibule.server.identity.errors import Invalid
from vestibule.server.identity.inspecting import read_id_token_hint
from vestibule.server.identity.redirect_uris import sign_out_target, with_state
from vestibule.server.languages import mark


def routes(identity: Identity, hops: Hops) -> list[Route]:
    async def logout(request: Request) -> Response:
        session_id = request.query_params.get("session_id", "")
        if not session_id or "\x00" in session_id:
            return refusal(
                Invalid.field("session_id", "session_id_required", "session_id is required.")
            ).response()
        if request.method == "HEAD":
            return Response(headers={"cache-control": "no-store"})
        return await hops.run(_logout, identity, request, session_id)

    async def end_session(request: Request) -> Response:
        """OpenID Connect RP-Initiated Logout 1.0 §2."""
        if request.method == "HEAD":
            return Response(headers={"cache-control": "no-store"})
        asked: Mapping[str, str] = request.query_params
        if request.method == "POST":
            form = await request.form(max_files=0, max_fields=64)
            asked = {name: value for name, value in form.items() if isinstance(value, str)}
        return await hops.run(_end_session, identity, request, asked)

    return [
        Route("/user_management/sessions/logout", logout, methods=["GET"]),
        Route("/oauth2/logout", end_session, methods=["GET", "POST"]),
    ]


def _logout(identity: Identity, request: Request, session_id: str) -> Response:
    target = sessions.logout(identity, session_id, request.query_params.get("return_to") or None)
    return _leave(identity, request, target)


def _end_session(identity: Identity, request: Request, asked: Mapping[str, str]) -> Response:
    """At once for whoever brings an ID token of the session; anybody else is asked on a page."""
    client_id = get_client_id(identity)
    hint = None
    if asked.get("client_id", client_id) == client_id:
        hint = read_id_token_hint(identity, asked.get("id_token_hint", ""), client_id=client_id)
    if hint is None:
        kept = {name: asked[name] for name in ("post_logout_redirect_uri", "state") if asked.get(name)}
        return RedirectResponse(f"/sign-out?{urlencode(kept)}", 303, headers={"cache-control": "no-store"})
    wanted = asked.get("post_logout_redirect_uri") or None
    sessions.logout(identity, str(hint["sid"]))
    target = sign_out_target(identity, wanted)
    if target is not None:
        target = with_state(target, asked.get("state", ""), asked_for=wanted)
    return _leave(identity, request, target)


def _leave(identity: Identity, request: Request, target: str | None) -> Response:
    response = _go_on(identity, request, target)
    token = browsers.session_token(request, identity.settings)
    if token is not None and find_browser_session(identity, token) is None:
        # Only when it ended: a link with somebody's invented session_id signs nobody out here.
        browsers.end(response, identity.settings)
    for cookie in browser_tokens.leftovers(identity, request.cookies):
        response.headers.append("set-cookie", cookie.header())
    response.headers["cache-control"] = "no-store"
    return response


def _go_on(identity: Identity, request: Request, target: str | None) -> Response:
    if target is not None:
        return RedirectResponse(target, 302)
    language = browsers.language(request, identity.settings)
    return pages.render(
        "signed-out.html",
        settings=identity.settings,
        branding=find_branding(identity),
        language=language,
        title=language.gettext(mark("You are signed out")),
        message=language.gettext(mark("The application has not said where to go from here.")),
        hint=language.gettext(
            mark("Its developers: set the sign-out redirect or the app homepage URL of this environment.")
        ),
        code="sign_out_redirect_missing",
    )
