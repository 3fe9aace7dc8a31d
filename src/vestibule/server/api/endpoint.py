"""Running an operation: the key, the body, one hop to a thread, and an answer in the right envelope."""

import functools
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from vestibule.server.answers import Answer, Malformed, refusal
from vestibule.server.api.bodies import read_body
from vestibule.server.api.operation import Call, Operation
from vestibule.server.api.queries import Listing, Query, check_path, read_listing
from vestibule.server.api.repeats import Repeatable, answer_once
from vestibule.server.api.throttle import Throttle
from vestibule.server.hops import Hops
from vestibule.server.identity.api_keys import find_api_key
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import IdentityError, Invalid, NotFound, TooMany, Unauthorized
from vestibule.server.identity.paging import Page

MAX_KEY: Final = 255
LAST_MOMENT: Final = 0.5  # seconds before a client gives up: too late to begin the way back
OWN_LIMITS: Final = frozenset({"email_change_too_many_attempts"})
NO_LISTING: Final = Listing(Page())

# What the published interface answers with 400, although its cause is in the request.
BAD_REQUESTS: Final = frozenset(
    {
        "external_id_already_used",
        "invalid_metadata",
        "invalid_password_hash",
        "password_and_password_hash_provided",
        "password_and_password_hash_type_provided",
        "password_reset_error",
        "password_salt_position_requires_password_hash",
        "password_strength_error",
        "user_creation_error",
    }
)


class Endpoint:
    """The operations of one path."""

    def __init__(
        self, operations: Mapping[str, Operation], *, identity: Identity, hops: Hops, throttle: Throttle
    ) -> None:
        self.operations = operations
        self._identity = identity
        self._hops = hops
        self._throttle = throttle

    async def respond(self, request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        operation = self.operations[method]
        try:
            answer = await self._run(operation, request)
        except IdentityError as error:
            answer = refuse(operation, error)
        return answer.response()

    async def _run(self, operation: Operation, request: Request) -> Answer:
        awaited = _patience(request.headers.get("prefer", ""))
        key = None if operation.public else bearer(request.headers.get("authorization"))
        content = await request.body()
        body = _read(operation, request, content)
        hashes = not isinstance(body, IdentityError) and operation.hashes(body)
        work = functools.partial(
            self._answer, operation, request, key=key, body=body, content=content, awaited=awaited
        )
        with self._identity.spans.span(operation.name):
            return await self._hops.run(work, hashes=hashes)

    def _answer(
        self,
        operation: Operation,
        request: Request,
        *,
        key: str | None,
        body: Any,
        content: bytes,
        awaited: Callable[[], bool],
    ) -> Answer:
        """In the thread, from here on."""
        owner = operation.path if key is None else self._owner(operation, key)
        if isinstance(body, IdentityError):
            raise body
        call = self._call(operation, request, body, awaited)
        repeatable = _repeatable(operation, request, owner=owner, body=body, content=content)
        if repeatable is None:
            return operation.answer(call)
        return answer_once(self._identity, repeatable, lambda: self._settle(operation, call))

    def _owner(self, operation: Operation, key: str) -> str:
        found = find_api_key(self._identity, key)
        if found is None:
            raise Unauthorized("The API key is not valid.")
        self._throttle.check(operation, found.id)
        return found.id

    def _settle(self, operation: Operation, call: Call[Any]) -> Answer:
        """An answer whatever happens but a fault: refusals too are repeated to those who repeat."""
        try:
            return operation.answer(call)
        except IdentityError as error:
            return refuse(operation, error)

    def _call(
        self, operation: Operation, request: Request, body: Any, awaited: Callable[[], bool]
    ) -> Call[Any]:
        path = {name: str(value) for name, value in request.path_params.items()}
        if not check_path(path):
            raise Malformed("There is no such object.", code=NotFound.default_code, status=404)
        query = Query(QueryParams(request.scope["query_string"].decode("latin-1")))
        return Call(
            identity=self._identity,
            body=body,
            path=path,
            query=query,
            listing=read_listing(query) if operation.lists else NO_LISTING,
            ip_address=request.client.host if request.client else None,
            user_agent=request.headers.get("user-agent", "")[:512] or None,
            credentials=request.headers.get("authorization"),
            awaited=awaited,
            origin=request.headers.get("origin"),
            if_none_match=request.headers.get("if-none-match"),
            cookies=request.cookies,
        )


def _patience(prefer: str) -> Callable[[], bool]:
    """`Prefer: wait=3` (RFC 7240 §4.3): the seconds after which nobody is there for the answer."""
    for preference in prefer.split(","):
        name, _, seconds = preference.partition(";")[0].strip().partition("=")
        if name.lower() == "wait" and seconds.isascii() and seconds.isdigit() and len(seconds) < 4:
            until = time.monotonic() + max(int(seconds) - LAST_MOMENT, LAST_MOMENT)
            return lambda: time.monotonic() < until
    return lambda: True


def _read(operation: Operation, request: Request, content: bytes) -> Any:
    """The body, or what is wrong with it: that is said only to those who hold a key."""
    if operation.body is None:
        return None
    content_type = request.headers.get("content-type", "")
    try:
        return read_body(operation.body, content, content_type=content_type, forms=operation.forms)
    except IdentityError as error:
        return error


def _repeatable(
    operation: Operation, request: Request, *, owner: str, body: Any, content: bytes
) -> Repeatable | None:
    key = request.headers.get("idempotency-key", "")
    if operation.method != "POST" or not key or not operation.repeats(body):
        return None
    if len(key) > MAX_KEY:
        raise Invalid.field("Idempotency-Key", "idempotency_key_too_long", "At most 255 characters.")
    target = f"{operation.method} {request.url.path}"
    return Repeatable.of(key=key, owner=owner, target=target, content=content, tokens=operation.tokens)


def bearer(header: str | None) -> str:
    """RFC 6750 §2.1. The key is never read from the query or the body."""
    scheme, _, key = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise Unauthorized("Send your API key: `Authorization: Bearer sk_…`.")
    return key.strip()


def refuse(operation: Operation, error: IdentityError) -> Answer:
    answer = refusal(error, envelope=operation.envelope)
    if isinstance(error, Invalid) and error.code in BAD_REQUESTS:
        return Answer(400, answer.data, answer.headers)
    if isinstance(error, Invalid) and operation.envelope == "oauth":  # RFC 6749 §5.2
        text = " ".join(problem["message"] for problem in error.errors) or error.message
        return Answer(400, {"error": "invalid_request", "error_description": text}, answer.headers)
    if isinstance(error, TooMany) and operation.envelope == "message" and error.code not in OWN_LIMITS:
        return Answer(429, {"message": error.message, "code": "daily_quota_exceeded"}, answer.headers)
    return answer
