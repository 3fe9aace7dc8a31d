"""Where every sign-in begins: the app's request is checked, tied to this browser, and handed to the pages."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from vestibule.server import browsers, pages
from vestibule.server.hops import Hops
from vestibule.server.identity.authorize import (
    AuthorizationError,
    AuthorizationRequest,
    check_authorization,
)
from vestibule.server.identity.branding import find_branding
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import get_environment
from vestibule.server.identity.impersonation import finish_impersonation
from vestibule.server.identity.joining import find_invitation
from vestibule.server.identity.logins import begin_login
from vestibule.server.identity.secrets import new_token
from vestibule.server.languages import mark

HINTS = {
    "invalid_redirect_uri": mark(
        "Its developers: register exactly this redirect URI at the identity server."
    ),
    "invalid_client": mark("Its developers: set the client ID that the identity server printed."),
}
OTHERWISE = mark("Its developers: see the error code below.")


def routes(identity: Identity, hops: Hops) -> list[Route]:
    def endpoint(issuer: str | None) -> Callable[[Request], Awaitable[Response]]:
        async def authorize(request: Request) -> Response:
            if request.method == "HEAD":  # link previews: begin nothing
                return Response(headers={"cache-control": "no-store"})
            parameters = request.query_params.multi_items()
            if request.method == "POST":  # OpenID Connect Core §3.1.2.1
                form = await request.form(max_files=0, max_fields=64)
                parameters = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
            return await hops.run(_begin, identity, request, parameters, issuer)

        return authorize

    return [
        Route("/user_management/authorize", endpoint(None), methods=["GET"]),
        Route("/oauth2/authorize", endpoint(identity.settings.public_url), methods=["GET", "POST"]),
    ]


def _begin(
    identity: Identity, request: Request, parameters: Sequence[tuple[str, str]], issuer: str | None
) -> Response:
    try:
        checked = check_authorization(identity, parameters, issuer=issuer)
    except AuthorizationError as error:
        return _refuse(identity, request, error)
    bound = browsers.binding(request, identity.settings)
    token = bound or new_token()
    own = checked.application_id is None  # nobody else's app is signed in to in somebody's name
    impersonated = finish_impersonation(identity, checked, bound) if bound and own else None
    if impersonated is not None:
        return _go(request, impersonated)
    checked = _invited(identity, request, checked)
    login = begin_login(identity, checked, token)
    response = _go(request, f"/continue?login={login.token}")
    if bound is None:
        browsers.bind(response, identity.settings, token)
    asked = browsers.asked_language(dict(parameters))
    if asked is not None:
        browsers.speak(response, identity.settings, asked)
    return response


def _invited(identity: Identity, request: Request, asked: AuthorizationRequest) -> AuthorizationRequest:
    """With the invitation whose link this browser opened last, where the app did not pass it on."""
    if asked.invitation_id is not None:
        return asked
    found = find_invitation(identity, browsers.invitation_token(request, identity.settings))
    return asked if found is None else replace(asked, invitation_id=found.id)


def _refuse(identity: Identity, request: Request, error: AuthorizationError) -> Response:
    """To the registered address; to no other, ever: a page says what is wrong."""
    if error.redirect_to is not None:
        return _go(request, error.redirect_to)
    language = browsers.language(request, identity.settings)
    return pages.render(
        "error.html",
        settings=identity.settings,
        branding=find_branding(identity),
        language=language,
        status=400,
        title=language.gettext(mark("This sign-in cannot begin")),
        message=language.gettext(error.message),
        hint=language.gettext(HINTS.get(error.code, OTHERWISE)),
        code=error.code,
        request_id=str(request.state.request_id),
        continue_url=get_environment(identity).app_homepage_url or "",
        continue_text=language.gettext(mark("Open the application")),
    )


def _go(request: Request, location: str) -> Response:
    """RFC 9110 §15.4: after a POST, 302 would leave it to the browser whether to post again."""
    status = 302 if request.method == "GET" else 303
    return RedirectResponse(location, status, headers={"cache-control": "no-store"})
