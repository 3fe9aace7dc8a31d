"""What the rules refuse, and why. No HTTP here but the class: the API maps each class to one status.

IdentityError
├── Invalid        422   the request is malformed: `errors` says which field and how
├── Denied         400   code and message: credentials, codes, pending tokens
├── OAuthDenied    400   error and error_description, as OAuth clients expect
├── Unauthorized   401   no or wrong API key or client secret
├── StepUp         403   one more step is needed: carries the pending token
├── Forbidden      403   code and message: whoever asks, or is asked for, may not
├── NotFound       404   message only
├── Conflict       409   code and message
└── TooMany        429   `retry_after` whole seconds
"""

from collections.abc import Sequence
from typing import Any


class IdentityError(Exception):
    """`code` is stable; `fields` are further members of the answer."""

    default_code = "identity_error"

    def __init__(self, message: str, *, code: str | None = None, **fields: Any) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.fields = fields


class Invalid(IdentityError):
    """Several problems at once: each a mapping with `code`, `message` and, where one is at fault, `field`."""

    default_code = "invalid_request_parameters"

    def __init__(
        self, message: str = "Validation failed.", *, errors: Sequence[dict[str, str]] = (), **fields: Any
    ) -> None:
        super().__init__(message, **fields)
        self.errors = tuple(errors)

    @classmethod
    def field(cls, field: str, code: str, message: str) -> "Invalid":
        return cls(message, errors=({"field": field, "code": code, "message": message},))


class Denied(IdentityError):
    default_code = "denied"


class OAuthDenied(IdentityError):
    """`code` is the OAuth `error`, the message its description."""

    default_code = "invalid_request"


class Unauthorized(IdentityError):
    default_code = "unauthorized"


class StepUp(IdentityError):
    """`fields` carries `pending_authentication_token` and what the step needs to know."""

    default_code = "email_verification_required"


class Forbidden(IdentityError):
    """Known, but not allowed to."""

    default_code = "forbidden"


class NotFound(IdentityError):
    default_code = "entity_not_found"

    @classmethod
    def of(cls, kind: str, given: str) -> "NotFound":
        return cls(f"{kind} not found: '{given[:100]}'.")


class Conflict(IdentityError):
    default_code = "conflict"


class TooMany(IdentityError):
    default_code = "too_many_requests"

    def __init__(self, message: str = "Too many requests: try again later.", *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
