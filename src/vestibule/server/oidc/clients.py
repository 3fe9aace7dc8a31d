"""What clients send to the endpoints for machines: a form, and who they are (RFC 6749 §2.3.1, §3.2)."""

import base64
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

from starlette.requests import Request

from vestibule.server.answers import Answer, Malformed, refusal
from vestibule.server.identity.errors import IdentityError, OAuthDenied
from vestibule.server.identity.events import Caller

FORM: Final = "application/x-www-form-urlencoded"
MAX_PARAMETERS: Final = 64


def read_form(content_type: str, content: bytes) -> dict[str, str]:
    """RFC 6749 §3.2: parameters must not be sent twice; those without a value count as not sent."""
    if content_type.partition(";")[0].strip().lower() != FORM:
        raise Malformed(f"Send the parameters as {FORM}.", code="invalid_request")
    try:
        pairs = parse_qsl(content.decode("ascii"), max_num_fields=MAX_PARAMETERS, errors="strict")
    except ValueError:
        raise Malformed("The body is not a valid form.", code="invalid_request") from None
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise Malformed("A parameter was sent more than once.", code="invalid_request")
    return parameters


def read_client(header: str | None, parameters: Mapping[str, str]) -> dict[str, str | None]:
    """RFC 6749 §2.3.1: in the header or in the body, but not in both."""
    posted = {"client_id": parameters.get("client_id"), "client_secret": parameters.get("client_secret")}
    if header is None:
        return posted
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise OAuthDenied("Authenticate the client with Basic, or in the body.", code="invalid_client")
    if posted["client_secret"] is not None:
        raise OAuthDenied("The client authenticated in two ways at once.", code="invalid_request")
    try:
        client_id, colon, secret = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
    except ValueError:  # neither base64, nor ASCII, nor UTF-8 inside of it
        colon = ""
    if not colon:
        raise OAuthDenied("The Basic credentials cannot be read.", code="invalid_client")
    if posted["client_id"] not in (None, unquote_plus(client_id)):
        raise OAuthDenied("The body names another client than the header.", code="invalid_request")
    return {"client_id": unquote_plus(client_id), "client_secret": unquote_plus(secret)}


def required(parameters: Mapping[str, str], name: str) -> str:
    if name not in parameters:
        raise OAuthDenied(f"{name} is missing.", code="invalid_request")
    return parameters[name]


def refused(request: Request, error: IdentityError) -> Answer:
    answer = refusal(error, envelope="oauth")
    if error.code != "invalid_client":
        return answer
    # RFC 6749 §5.2: 401, and the scheme that the client tried.
    basic = "authorization" in request.headers
    return Answer(401, answer.data, {"www-authenticate": 'Basic realm="vestibule"'} if basic else {})


def caller_of(request: Request) -> Caller:
    client = request.client
    return Caller(client.host if client else None, request.headers.get("user-agent"))
