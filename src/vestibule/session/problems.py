"""What a person or program is told when something goes wrong; never a secret, never a traceback."""

from collections.abc import Callable
from dataclasses import dataclass

from vestibule.errors import (
    ConfigError,
    DataError,
    Forbidden,
    LoginError,
    ProviderUnreachable,
    Refused,
    SessionTooLarge,
    Unreachable,
    VestibuleError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Safe to show. `retry` is a path of this app where the visitor can try again."""

    status: int
    code: str
    title: str
    message: str
    hint: str = ""
    retry: str | None = None
    retry_label: str = "Try again"


ErrorPage = Callable[[Problem], str]


def problem_of(error: VestibuleError, *, sign_in: str, here: str) -> Problem:
    """`sign_in` and `here` are the paths a second try may go to."""
    if isinstance(error, ProviderUnreachable):
        return Problem(
            status=503,
            code=error.code,
            title="Sign-in does not answer",
            message=f"{error.message} Nothing is lost.",
            hint="Wait a moment and try again.",
            retry=sign_in,
        )
    if isinstance(error, Unreachable):
        return Problem(
            status=503,
            code=error.code,
            title="Sign-in does not answer",
            message="The service behind sign-in cannot be reached right now. You are not signed out.",
            hint="Wait a moment and load the page again.",
            retry=here,
        )
    if isinstance(error, LoginError):
        return Problem(
            status=400,
            code=error.code,
            title="Sign-in did not finish",
            message=error.message,
            hint=error.hint + (_sizes(error) if isinstance(error, SessionTooLarge) else ""),
            retry=sign_in,
        )
    if isinstance(error, Refused):
        return Problem(
            status=error.status if 400 <= error.status < 500 else 403,
            code=error.error,
            title="This was refused",
            message=error.message,
            hint="Signing in again may help.",
            retry=sign_in,
        )
    if isinstance(error, Forbidden):
        return Problem(
            status=403, code=error.code, title="Not allowed", message=error.message, hint=error.hint
        )
    if isinstance(error, DataError):
        return Problem(
            status=500,
            code=error.code,
            title="This could not be kept",
            message=error.message,
            hint=error.hint,
        )
    return _setup(error)


def _setup(error: VestibuleError) -> Problem:
    # A visitor is not the one who can mend the settings: what is wrong with them is in the log.
    return Problem(
        status=500,
        code=error.code if isinstance(error, ConfigError) else "internal_error",
        title="This app is not set up yet",
        message="Sign-in is not set up in this app, so nobody can sign in.",
        hint="If it is your app: its log lists what is missing and the command that mends each.",
    )


def _sizes(error: SessionTooLarge) -> str:
    parts = ", ".join(
        f"{part}: {size} bytes" for part, size in sorted(error.parts.items(), key=lambda p: -p[1])
    )
    return f" Its parts: {parts}."
