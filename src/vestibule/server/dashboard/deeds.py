"""What can be asked of the dashboard, and the one way in: signed in, an operator, allowed to, and lately."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Final, TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vestibule.server import hosted
from vestibule.server.dashboard import uploads
from vestibule.server.dashboard.desk import HOME, Desk
from vestibule.server.hops import Hops
from vestibule.server.identity.completing import still_owes
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import IdentityError, NotFound, TooMany
from vestibule.server.identity.operators import LEAST_ROLE, Right, find_operator
from vestibule.server.insiders import Insider, find_insider, is_fresh, sign_in_first
from vestibule.server.visitor import Visitor

Answer: TypeAlias = Callable[[Desk], Response]
NOTHING: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Deed:
    """A page (GET) or what one of its forms does (POST). `fresh` asks to sign in again when the last time was
    more than ten minutes ago; then, and when nobody is signed in, a POST does nothing and leads to `back`
    (the page with the form; path parameters are filled in)."""

    method: str
    path: str
    answer: Answer
    right: Right = "read"
    fresh: bool = False
    back: str = ""
    hashes: bool = False
    most_fields: int = hosted.MOST_FIELDS
    upload: str = ""
    streams: bool = False
    said: Mapping[str, str] = field(default_factory=dict)


def page(
    path: str,
    answer: Answer,
    *,
    right: Right = "read",
    fresh: bool = False,
    said: Mapping[str, str] = NOTHING,
) -> Deed:
    """`said`: the sentences which `desk.go(path, done=key)` may bring here."""
    return Deed("GET", path, answer, right, fresh, said=said)


def deed(
    path: str,
    answer: Answer,
    *,
    right: Right,
    back: str,
    fresh: bool = False,
    hashes: bool = False,
    most_fields: int = hosted.MOST_FIELDS,
    upload: str = "",
    streams: bool = False,
) -> Deed:
    """`upload`: the input that brings a file; its path must be one of middleware.UPLOADS. `streams`: a large
    file comes, of those who may send one only (`uploads`)."""
    return Deed("POST", path, answer, right, fresh, back, hashes, most_fields, upload, streams)


def route(each: Deed, identity: Identity, hops: Hops) -> Route:
    def answer(visitor: Visitor) -> Response:
        return _enter(each, visitor)

    def admit(visitor: Visitor) -> Response:
        return _enter(replace(each, answer=_admitted), visitor)

    if each.streams:
        return Route(each.path, uploads.endpoint(answer, admit, identity, hops), methods=[each.method])
    handler: Callable[[Request], Awaitable[Response]] = hosted.endpoint(
        answer, identity, hops, hashes=each.hashes, most_fields=each.most_fields, upload=each.upload
    )
    return Route(each.path, handler, methods=[each.method])


def _admitted(desk: Desk) -> Response:
    return Response(status_code=uploads.ADMITTED)


def _enter(each: Deed, visitor: Visitor) -> Response:
    insider = find_insider(visitor)
    if insider is None or still_owes(visitor.identity, insider.user, insider.session):
        return sign_in_first(visitor, _back(each, visitor))
    operator = find_operator(visitor.identity, insider.user)
    if operator is None:
        return _stranger(insider)
    actor = {"id": operator.user_id or operator.id, "source": "dashboard", "name": operator.email}
    desk = Desk(insider, operator, replace(visitor.identity, actor=actor, language=None), each.said)
    if not desk.may(each.right):
        return _not_allowed(desk, each.right)
    if each.fresh and not is_fresh(insider):
        return sign_in_first(visitor, _back(each, visitor), fresh=True)
    return _answer(each, desk)


def _answer(each: Deed, desk: Desk) -> Response:
    try:
        return each.answer(desk)
    except TooMany as error:
        return _refused(desk, error, HTTPStatus.TOO_MANY_REQUESTS)
    except NotFound as error:
        return _refused(desk, error, HTTPStatus.NOT_FOUND)
    except IdentityError as error:
        return _refused(desk, error, HTTPStatus.BAD_REQUEST)


def _back(each: Deed, visitor: Visitor) -> str:
    request = visitor.request
    if each.method == "POST":
        return each.back.format(**request.path_params)
    path = request.url.path.removeprefix(visitor.identity.settings.path)
    return f"{path}?{request.url.query}" if request.url.query else path


def _stranger(insider: Insider) -> Response:
    return insider.visitor.page(
        "error.html",
        status=HTTPStatus.FORBIDDEN,
        title="The dashboard is for operators",
        message=f"You are signed in as {insider.user.email}, which is no operator of this server.",
        hint="Ask an owner to add this address under Operators, or sign in as somebody else.",
        code="not_an_operator",
        continue_url=insider.visitor.identity.settings.link("/sign-out"),
        continue_text="Sign out",
    )


def _not_allowed(desk: Desk, right: Right) -> Response:
    return desk.page(
        "refused.html",
        status=HTTPStatus.FORBIDDEN,
        title="Your role does not reach this far",
        message=f"This needs the role {LEAST_ROLE[right]} or a higher one; yours is {desk.operator.role}. "
        "An owner can change it under Operators.",
        code="operator_role_too_low",
        continue_url=desk.link(HOME),
    )


def _refused(desk: Desk, error: IdentityError, status: HTTPStatus) -> Response:
    details = [each["message"] for each in getattr(error, "errors", ())]
    return desk.page(
        "refused.html",
        status=status,
        title="There is no such thing" if status == HTTPStatus.NOT_FOUND else "That did not work",
        message=" ".join(details or [error.message]),
        code=error.code,
        continue_url=desk.link(HOME),
    )
