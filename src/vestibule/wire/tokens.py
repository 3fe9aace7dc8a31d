"""The token endpoint's answer: a session, a refusal for good, or no usable answer."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from vestibule.errors import Refused, Unreachable
from vestibule.flow import HttpResponse
from vestibule.wire import fields
from vestibule.wire.models import Impersonator, OAuthTokens, User

TRANSIENT = frozenset({408, 425, 429})
MAX_RETRY_AFTER = 60
# A member beside `invalid_grant`: the session goes on, with the token that a quicker request was given.
SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenAnswer:
    user: User
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    organization_id: str | None = None
    authentication_method: str | None = None
    impersonator: Impersonator | None = None
    oauth_tokens: OAuthTokens | None = field(default=None, repr=False)

    @classmethod
    def from_api(cls, body: Mapping[str, object]) -> "TokenAnswer":
        """Raises ValueError without a user or without tokens."""
        impersonator, oauth_tokens = (
            fields.members(body, "impersonator"),
            fields.members(body, "oauth_tokens"),
        )
        access_token, refresh_token = fields.text(body, "access_token"), fields.text(body, "refresh_token")
        if not access_token or not refresh_token:
            raise ValueError("no tokens")
        return cls(
            user=User.from_api(fields.members(body, "user") or {}),
            access_token=access_token,
            refresh_token=refresh_token,
            organization_id=fields.text(body, "organization_id"),
            authentication_method=fields.text(body, "authentication_method"),
            impersonator=Impersonator.from_api(impersonator) if impersonator else None,
            oauth_tokens=OAuthTokens.from_api(oauth_tokens) if oauth_tokens else None,
        )


def read_token_answer(response: HttpResponse) -> TokenAnswer:
    """Raises Refused when asking again cannot help, Unreachable when it can."""
    if response.status in TRANSIENT or response.status >= 500:
        raise Unreachable(
            f"The identity server answered {response.status}.", retry_after=_retry_after(response)
        )
    body = _object(response.body)
    if response.status != 200:
        raise _refused(response.status, body)
    try:
        return TokenAnswer.from_api(body)
    except ValueError as error:
        raise Unreachable("The identity server's answer cannot be read.") from error


def _refused(status: int, body: Mapping[str, object]) -> Refused:
    # Three envelopes: {code, message}, {error, error_description}, {message}.
    error = fields.text(body, "error") or fields.text(body, "code") or f"http_{status}"
    message = fields.text(body, "error_description") or fields.text(body, "message") or "No reason given."
    known = {"error", "error_description", "code", "message"}
    rest = {key: value for key, value in body.items() if key not in known}
    return Refused(message, error=error, status=status, fields=rest)


def _object(body: bytes) -> Mapping[str, object]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _retry_after(response: HttpResponse) -> int:
    # Clamped as the peers do: a missing, absurd or dated value must neither hammer nor hang.
    value = response.headers.get("retry-after", "")
    return min(max(int(value), 1), MAX_RETRY_AFTER) if re.fullmatch("[0-9]{1,9}", value) else 5
