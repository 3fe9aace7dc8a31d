"""The link an operator was given: it says whose session comes of it and why, and begins it on a click."""

from http import HTTPStatus

from starlette.responses import RedirectResponse, Response

from vestibule.server.identity.environment import get_environment
from vestibule.server.identity.impersonation import confirm_impersonation, find_link
from vestibule.server.visitor import SEE_OTHER, Visitor


def show(visitor: Visitor) -> Response:
    """Whoever only looks, as programs that preview links do, uses nothing up."""
    token = visitor.request.query_params.get("token", "")
    found = find_link(visitor.identity, token)
    if found is None:
        return _dead_link(visitor)
    impersonation, user = found
    minutes = (impersonation.ends_at - visitor.identity.now).total_seconds() / 60
    return visitor.page(
        "login/impersonate.html",
        email=user.email,
        token=token,
        impersonator=impersonation.impersonator_email,
        reason=impersonation.reason,
        minutes=max(1, round(minutes)),
    )


def submit(visitor: Visitor) -> Response:
    """The app begins the sign-in, so that it comes back with a state of the app's own."""
    place = get_environment(visitor.identity).initiate_login_url
    token = visitor.form.get("token", "")
    if place is None or confirm_impersonation(visitor.identity, token, visitor.binding) is None:
        return _dead_link(visitor)
    return RedirectResponse(place, SEE_OTHER)


def _dead_link(visitor: Visitor) -> Response:
    return visitor.page(
        "error.html",
        status=HTTPStatus.BAD_REQUEST,
        title=visitor.say("This link no longer works"),
        message=visitor.say("A link to sign in as somebody else works once, for five minutes."),
        hint=visitor.say("Ask for a new one where you got this one."),
        code="impersonation_expired",
    )
