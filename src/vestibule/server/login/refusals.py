"""The pages that say no: each says why in a sentence, and what to do next."""

from http import HTTPStatus

from starlette.responses import RedirectResponse, Response

from vestibule.server import hosted
from vestibule.server.identity.environment import get_environment
from vestibule.server.identity.errors import IdentityError, TooMany
from vestibule.server.visitor import SEE_OTHER, Visitor


def not_started(visitor: Visitor) -> Response:
    """Sign-ins begin at the app: send the browser there to begin one, or explain."""
    place = get_environment(visitor.identity)
    if visitor.newcomer and visitor.login_token:
        return hosted.cookies_missing(visitor)  # the app would only send it back here, for ever
    if place.initiate_login_url:
        return RedirectResponse(place.initiate_login_url, SEE_OTHER)
    return visitor.page(
        "error.html",
        status=HTTPStatus.BAD_REQUEST,
        title=visitor.say("Please start in your app"),
        message=visitor.say("This page belongs to a sign-in that is over, or that never began."),
        hint=visitor.say(
            "Open the application and choose “Sign in” there. A bookmark of this page cannot do it."
        ),
        code="login_not_started",
        continue_url=place.app_homepage_url or "",
        continue_text=visitor.say("Open the application"),
    )


def closed(visitor: Visitor) -> Response:
    return visitor.page(
        "error.html",
        status=HTTPStatus.FORBIDDEN,
        title=visitor.say("Sign-up is by invitation"),
        message=visitor.say("New accounts are made for people who were invited."),
        hint=visitor.say(
            "Ask whoever runs the application for an invitation. It comes by mail, with a link."
        ),
        code="sign_up_not_allowed",
        continue_url=visitor.link("/sign-in"),
        continue_text=visitor.say("Sign in instead"),
    )


def too_many(visitor: Visitor, error: TooMany) -> Response:
    return visitor.page(
        "error.html",
        status=HTTPStatus.TOO_MANY_REQUESTS,
        headers={"Retry-After": str(error.retry_after)},
        title=visitor.say("Too many tries"),
        message=visitor.say(
            "To protect the account we have to wait before the next one: %(duration)s.",
            duration=visitor.language.duration(error.retry_after),
        ),
        hint=visitor.say("Then go back and try again. Tries before that do not make the wait longer."),
        code=error.code,
        **hosted.back_to_sign_in(visitor),
    )


def denied(visitor: Visitor, error: IdentityError) -> Response:
    return visitor.page(
        "error.html",
        status=HTTPStatus.BAD_REQUEST,
        title=visitor.say("That did not work"),
        message=visitor.say(error.message),
        hint=visitor.say("Go back to the application and begin again."),
        code=error.code,
        **hosted.to_the_application(visitor),
    )


def method_not_allowed(visitor: Visitor) -> Response:
    return visitor.page(
        "error.html",
        status=HTTPStatus.FORBIDDEN,
        title=visitor.say("Sign in another way"),
        message=visitor.say("The way you signed in is not accepted here."),
        hint=visitor.say("Go back and choose one of the ways that are offered there."),
        code="authentication_method_not_allowed",
        continue_url=visitor.link("/sign-in", again="1"),
        continue_text=visitor.say("Sign in another way"),
    )


def suspended(visitor: Visitor) -> Response:
    """Only for whoever has proven who they are."""
    return visitor.page(
        "error.html",
        status=HTTPStatus.FORBIDDEN,
        title=visitor.say("This account is suspended"),
        message=visitor.say("Nobody can sign in to it at the moment. Nothing in it is lost."),
        hint=visitor.say("Ask whoever runs the application."),
        code="user_suspended",
        continue_url=visitor.link("/sign-in", again="1"),
        continue_text=visitor.say("Use another account"),
    )
