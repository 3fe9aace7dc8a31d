"""Every error this package raises on purpose.

VestibuleError            has a stable `code`; the prose may change
├── ConfigError           the program is set up wrong: fix the code or the environment
│   └── NotInstalled      a guard was used without `Auth(app)`
├── SealError             this sealed text cannot be opened: treat it as absent
├── TokenError            this access token is not valid: the holder must get another
├── LoginError            this sign-in cannot finish: start again
│   ├── SessionTooLarge   the session does not fit into a cookie
│   └── ProviderError     the part of an OAuth provider (GitHub, Google, …) failed; `side` can mend it
├── Refused               the identity server said no, for good: sign in again
│   └── SignInNeeded      it wants this person to sign in for that: send them there
├── Forbidden             signed in, but not allowed to do this
├── DataError             what the app keeps for a browser cannot be kept like this
└── Unreachable           the identity server did not answer: the session is still good, try later
    └── ProviderUnreachable  an OAuth provider did not answer: nothing is lost, try later
"""

from collections.abc import Mapping, Sequence
from typing import Literal


class VestibuleError(Exception):
    """`code` is stable and documented in docs/reference/errors.md; `hint` says what to do next."""

    code: str = "vestibule_error"
    hint: str = ""

    def __init__(self, message: str, *, code: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code
        if hint is not None:
            self.hint = hint

    @property
    def message(self) -> str:
        return str(self.args[0])


class ConfigError(VestibuleError):
    """Lists all problems at once, each with the command or the line that mends it."""

    code = "config_invalid"

    def __init__(self, problems: Sequence[str] | str, *, code: str | None = None) -> None:
        self.problems = (problems,) if isinstance(problems, str) else tuple(problems)
        super().__init__("\n".join(self.problems), code=code)


class NotInstalled(ConfigError):
    code = "not_installed"


class SealError(VestibuleError):
    """Codes: bad_structure wrong_prefix invalid_expiration expired unknown_password_id bad_hmac bad_json."""

    code = "bad_structure"


class TokenError(VestibuleError):
    """Codes: token_malformed token_algorithm token_type token_key token_signature token_expired
    token_not_yet_valid token_issuer token_audience token_claims."""

    code = "token_malformed"


class LoginError(VestibuleError):
    """Codes are listed with their causes in docs/reference/errors.md."""

    code = "login_failed"


class SessionTooLarge(LoginError):
    """`parts` maps each part of the session to its size in bytes."""

    code = "session_too_large"

    def __init__(self, message: str, *, parts: Mapping[str, int], hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.parts = dict(parts)


class ProviderError(LoginError):
    """`side` says who can mend it: the `person` at the browser, the `app` (its settings, here or at the
    provider) or the `provider`. `error` is the provider's own word, if it gave one."""

    code = "provider_error"

    def __init__(
        self,
        message: str,
        *,
        provider: str,
        side: Literal["person", "app", "provider"],
        code: str | None = None,
        hint: str | None = None,
        error: str | None = None,
    ) -> None:
        super().__init__(message, code=code, hint=hint)
        self.provider = provider
        self.side = side
        self.error = error


class Refused(VestibuleError):
    """The token endpoint answered with a terminal error. `error` is the server's own code,
    `fields` the rest of its answer (such as `connection_ids` of `sso_required`)."""

    code = "refused"

    def __init__(
        self, message: str, *, error: str, status: int, fields: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(message)
        self.error = error
        self.status = status
        self.fields = dict(fields or {})


class SignInNeeded(Refused):
    """A switch to `organization_id` that goes on at the server's pages: `error` is `sso_required`,
    `mfa_enrollment` or the like. Let it through: adapters send a browser there and answer programs 403."""

    def __init__(
        self,
        message: str,
        *,
        error: str,
        status: int,
        fields: Mapping[str, object] | None,
        organization_id: str,
        return_to: str | None,
    ) -> None:
        super().__init__(message, error=error, status=status, fields=fields)
        self.organization_id = organization_id
        self.return_to = return_to

    @classmethod
    def of(cls, refused: Refused, organization_id: str, *, return_to: str | None) -> "SignInNeeded":
        return cls(
            refused.message,
            error=refused.error,
            status=refused.status,
            fields=refused.fields,
            organization_id=organization_id,
            return_to=return_to,
        )


class Forbidden(VestibuleError):
    """`missing` names what the session lacks, in the words of `requires`."""

    code = "forbidden"

    def __init__(self, message: str, *, missing: Mapping[str, object], code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.missing = dict(missing)


class DataError(VestibuleError):
    """Codes: data_too_large data_too_late data_not_kept."""

    code = "data_too_large"


class Unreachable(VestibuleError):
    """`retry_after` is in whole seconds."""

    code = "unreachable"

    def __init__(self, message: str, *, retry_after: int = 5) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ProviderUnreachable(Unreachable):
    """No answer, or one that says that it cannot answer now. A sign-in can be begun again."""

    code = "provider_unreachable"

    def __init__(self, message: str, *, provider: str, retry_after: int = 5) -> None:
        super().__init__(message, retry_after=retry_after)
        self.provider = provider
