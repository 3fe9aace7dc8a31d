"""The one way into every page of the account: signed in, lately where it matters, and back to that page."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from http import HTTPStatus
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response

from vestibule.server import hosted
from vestibule.server.account.person import HOME, Person
from vestibule.server.account.sentences import SENTENCES
from vestibule.server.hops import Hops
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import IdentityError, NotFound, TooMany
from vestibule.server.identity.strangers import storable
from vestibule.server.insiders import Insider, find_insider, is_fresh, sign_in_first
from vestibule.server.visitor import Visitor

Answer: TypeAlias = Callable[[Person], Response]
MOST_FIELDS = 120  # of an API key with a hundred permissions


def endpoint(
    answer: Answer,
    identity: Identity,
    hops: Hops,
    *,
    back: str,
    sensitive: bool = False,
    hashes: bool = False,
) -> Callable[[Request], Awaitable[Response]]:
    """`sensitive` asks to sign in again when the last time was more than ten minutes ago. Then, and when
    nobody is signed in, nothing that was sent is acted on, and the sign-in leads to `back`, the page with the
    form."""

    def page(visitor: Visitor) -> Response:
        insider = find_insider(visitor)
        if insider is None:
            return sign_in_first(visitor, _back(visitor, back))
        if sensitive and not is_fresh(insider):
            return sign_in_first(visitor, _back(visitor, back), fresh=True)
        return _answer(answer, _person(insider))

    return hosted.endpoint(page, identity, hops, hashes=hashes, most_fields=MOST_FIELDS)


def _person(insider: Insider) -> Person:
    caller = insider.visitor.caller
    asked = {
        "ip_address": storable(caller.ip_address),
        "user_agent": storable(caller.user_agent),
    }
    return Person(insider, replace(insider.visitor.identity, circumstances=asked))


def _back(visitor: Visitor, back: str) -> str:
    request = visitor.request
    path = back.format(**request.path_params)
    return f"{path}?{request.url.query}" if request.method == "GET" and request.url.query else path


def _answer(answer: Answer, person: Person) -> Response:
    try:
        return answer(person)
    except TooMany as error:
        return _too_many(person, error)
    except NotFound as error:
        return _not_found(person, error)
    except IdentityError as error:
        return person.page(
            "refused.html",
            status=HTTPStatus.BAD_REQUEST,
            title=person.say("That did not work"),
            message=person.say(SENTENCES.get(error.code, error.message)),
            code=error.code,
            continue_url=person.identity.settings.link(HOME),
        )


def _not_found(person: Person, error: NotFound) -> Response:
    return person.page(
        "refused.html",
        status=HTTPStatus.NOT_FOUND,
        title=person.say("There is nothing here"),
        message=person.say("It is not there any more, or it is not yours."),
        code=error.code,
        continue_url=person.identity.settings.link(HOME),
    )


def _too_many(person: Person, error: TooMany) -> Response:
    return person.page(
        "refused.html",
        status=HTTPStatus.TOO_MANY_REQUESTS,
        headers={"Retry-After": str(error.retry_after)},
        title=person.say("Too many tries"),
        message=person.say(
            "To protect the account we have to wait before the next one: %(duration)s.",
            duration=person.language.duration(error.retry_after),
        ),
        code=error.code,
        continue_url=person.identity.settings.link(HOME),
    )
