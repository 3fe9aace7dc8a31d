"""What leaves the API: an answer, and the three envelopes in which it refuses."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

import msgspec
from starlette.responses import Response

from vestibule.cookies import SetCookie
from vestibule.server.identity.errors import (
    Conflict,
    Denied,
    Forbidden,
    IdentityError,
    Invalid,
    NotFound,
    OAuthDenied,
    StepUp,
    TooMany,
    Unauthorized,
)

Envelope: TypeAlias = Literal["message", "oauth"]

NO_STORE: Final = {"cache-control": "no-store"}

STATUSES: Final[tuple[tuple[type[IdentityError], int], ...]] = (
    (Invalid, 422),
    (OAuthDenied, 400),
    (Denied, 400),
    (Unauthorized, 401),
    (StepUp, 403),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (TooMany, 429),
)


class Malformed(IdentityError):
    """Not readable at all, or not the kind of body this operation reads: 400 or 415."""

    def __init__(self, text: str, *, code: str, status: int = 400) -> None:
        super().__init__(text, code=code)
        self.status = status


@dataclass(frozen=True, slots=True)
class Answer:
    """`data` is anything msgspec encodes; None has no body."""

    status: int
    data: Any = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    cookies: Sequence[SetCookie] = field(default=(), repr=False)

    def body(self) -> bytes:
        return b"" if self.data is None else msgspec.json.encode(self.data)

    def response(self) -> Response:
        media_type = None if self.data is None else "application/json; charset=utf-8"
        headers = NO_STORE | dict(self.headers)
        response = Response(self.body(), status_code=self.status, headers=headers, media_type=media_type)
        for cookie in self.cookies:
            response.headers.append("set-cookie", cookie.header())
        return response


def refusal(error: IdentityError, *, envelope: Envelope = "message") -> Answer:
    """The answer to a rule that said no. `envelope` is the shape that clients of this operation read."""
    status = status_of(error)
    headers = _headers(error)
    if isinstance(error, NotFound) and envelope == "message":
        return Answer(status, {"message": error.message}, headers)
    if isinstance(error, OAuthDenied) or envelope == "oauth":
        content = {"error": error.code, "error_description": error.message, **wire(error.fields)}
    else:
        content = {"message": error.message, "code": error.code, **wire(error.fields)}
    if isinstance(error, Invalid) and error.errors:
        content["errors"] = list(error.errors)
    return Answer(status, content, headers)


def status_of(error: IdentityError) -> int:
    if isinstance(error, Malformed):
        return error.status
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 400)


def message(
    status: int, text: str, *, code: str | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    content = {"message": text} if code is None else {"message": text, "code": code}
    return Answer(status, content, headers or {})


def moment(value: dt.datetime) -> str:
    """UTC with exactly three decimals: what clients of the wire parse."""
    return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"


def moment_or_none(value: dt.datetime | None) -> str | None:
    return None if value is None else moment(value)


def wire(value: Any) -> Any:
    """The same with every time written as `moment` writes it."""
    if isinstance(value, dt.datetime):
        return moment(value)
    if isinstance(value, Mapping):
        return {key: wire(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [wire(inner) for inner in value]
    return value


def _headers(error: IdentityError) -> dict[str, str]:
    if isinstance(error, TooMany):
        return {"retry-after": str(error.retry_after)}  # whole seconds: SDKs read nothing else
    if isinstance(error, Unauthorized):
        return {"www-authenticate": "Bearer"}
    return {}
