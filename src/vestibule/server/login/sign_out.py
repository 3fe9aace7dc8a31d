"""Signing out here, asked first: a link anybody can make must not sign anybody out by itself."""

from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from vestibule.server import browser_tokens, browsers
from vestibule.server.identity import sessions
from vestibule.server.identity.browser import find_browser_session
from vestibule.server.identity.redirect_uris import sign_out_target, with_state
from vestibule.server.identity.users import get_user
from vestibule.server.visitor import SEE_OTHER, Visitor

ASKED = ("post_logout_redirect_uri", "state")


def show(visitor: Visitor) -> Response:
    browser = find_browser_session(visitor.identity, visitor.session_token)
    if browser is None:
        return _leave(visitor)
    return visitor.page(
        "login/sign-out.html",
        email=get_user(visitor.identity, browser.user_id).email,
        action=visitor.identity.settings.link(f"/sign-out?{urlencode(_asked(visitor))}"),
    )


def submit(visitor: Visitor) -> Response:
    sessions.sign_out_browser(visitor.identity, visitor.session_token)
    response = _leave(visitor)
    browsers.end(response, visitor.identity.settings)
    for cookie in browser_tokens.leftovers(visitor.identity, visitor.request.cookies):
        response.headers.append("set-cookie", cookie.header())
    return response


def _asked(visitor: Visitor) -> dict[str, str]:
    given = visitor.request.query_params
    return {name: given[name] for name in ASKED if given.get(name)}


def _leave(visitor: Visitor) -> Response:
    asked = _asked(visitor)
    wanted = asked.get("post_logout_redirect_uri")
    target = sign_out_target(visitor.identity, wanted)
    if target is not None:
        return RedirectResponse(with_state(target, asked.get("state", ""), asked_for=wanted), SEE_OTHER)
    return visitor.page(
        "signed-out.html",
        title=visitor.say("You are signed out"),
        message=visitor.say("The application has not said where to go from here."),
        hint=visitor.say(
            "Its developers: set the sign-out redirect or the app homepage URL of this environment."
        ),
        code="sign_out_redirect_missing",
    )
