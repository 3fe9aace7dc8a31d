"""Reading what a provider answers, and turning its failures into ours: which side, and what to change."""

from collections.abc import Mapping
from typing import Literal

from vestibule.crypto.strict_json import parse_object
from vestibule.errors import ProviderError, ProviderUnreachable
from vestibule.flow import HttpResponse
from vestibule.oauth.profile import pick
from vestibule.oauth.provider import ErrorShape, Provider

Side = Literal["person", "app", "provider"]

MAX_DEPTH = 32
MAX_QUOTED = 300
MAX_RETRY_AFTER = 60

# Providers' words for the same thing.
CLIENT_WORDS = frozenset(
    {
        "invalid_client", "unauthorized_client", "incorrect_client_credentials", "bad_client_secret",
        "invalid_client_id", "client_not_found", "invalid_appid", "40013", "40125",
    }
)  # fmt: skip
CODE_WORDS = frozenset(
    {
        "invalid_grant",
        "bad_verification_code",
        "invalid_code",
        "code_already_used",
        "bad_code",
        "40029",
        "40163",
    }
)
REDIRECT_WORDS = frozenset(
    {"redirect_uri_mismatch", "bad_redirect_uri", "invalid_redirect_uri", "redirect_uri_not_allowed"}
)
DENIED_WORDS = frozenset(
    {"access_denied", "user_cancelled_login", "user_cancelled_authorize", "user_denied", "consent_denied",
     "user_cancelled", "authorization_declined"}
)  # fmt: skip
ASKING_WORDS = frozenset(
    {"login_required", "interaction_required", "consent_required", "account_selection_required"}
)
LATER_WORDS = frozenset({"temporarily_unavailable", "server_error"})


def members_of(response: HttpResponse) -> Mapping[str, object]:
    """The answer's JSON object; nothing for anything else."""
    try:
        return parse_object(response.body, max_depth=MAX_DEPTH)
    except ValueError:
        return {}


def check(
    provider: Provider,
    response: HttpResponse,
    body: Mapping[str, object],
    shape: ErrorShape,
    *,
    what: str,
    unauthorized: str = "http_401",
) -> None:
    """Raises for an answer that is no success, be its status 200."""
    word = pick(body, shape.word)
    if word not in shape.fine and not isinstance(word, dict | list):
        message = pick(body, shape.message) if shape.message else None
        raise refusal(provider, str(word), str(message) if message else "")
    if response.status >= 500 or response.status in (408, 429):
        raise unreachable(provider, f"{what} answered {response.status}", response)
    if response.status == 401:
        raise refusal(provider, unauthorized, "")
    if response.status >= 400:
        raise refusal(provider, f"http_{response.status}", "")
    if response.status >= 300:
        raise invalid(provider, f"{what} answered with a redirect")
    if not body:
        raise invalid(provider, f"{what} sent no JSON object")


def refusal(provider: Provider, error: str, description: str, *, at_callback: bool = False) -> ProviderError:
    """A provider's error as ours."""
    said = f"{error}: {description}".rstrip(": .")
    if error in DENIED_WORDS:
        return _error(
            provider,
            "The sign-in was cancelled.",
            side="person",
            code="access_denied",
            hint=f"{provider.name} says {_quoted(said)}. Sign in again to go on.",
            error=error,
        )
    if error in ASKING_WORDS:
        return _error(
            provider,
            f"{provider.name} has to ask the person something.",
            side="person",
            code="provider_interaction",
            hint="Begin the sign-in again without prompt=none.",
            error=error,
        )
    if error in LATER_WORDS:
        return _error(
            provider,
            f"{provider.name} cannot do this right now.",
            side="provider",
            code="provider_unavailable",
            hint=f"It says {_quoted(said)}. Try again in a while.",
            error=error,
        )
    return _of_settings(provider, error, said, at_callback)


def _of_settings(provider: Provider, error: str, said: str, at_callback: bool) -> ProviderError:
    says = f"{provider.name} says {_quoted(said)}."
    if error in REDIRECT_WORDS:
        return _error(
            provider,
            f"{provider.name} does not know the callback address.",
            side="app",
            code="provider_redirect_uri",
            hint=f"{says} Register the callback address there, letter by letter.",
            error=error,
        )
    if error in CLIENT_WORDS:
        return _error(
            provider,
            f"{provider.name} does not accept this app.",
            side="app",
            code="provider_client",
            hint=f"{says} Compare client_id and client_secret with what stands there; secrets expire, too.",
            error=error,
        )
    if error in CODE_WORDS and not at_callback:
        return _error(
            provider,
            f"{provider.name} did not take the code or token.",
            side="app",
            code="provider_grant",
            hint=f"{says} A code works once and for minutes; a refresh token ends when access is withdrawn. "
            "Sign in again; if that does not help, compare the callback address.",
            error=error,
        )
    if error == "invalid_scope":
        return _error(
            provider,
            f"{provider.name} does not give what is asked for.",
            side="app",
            code="provider_scope",
            hint=f"{says} Look at scopes, and at what the app is allowed there.",
            error=error,
        )
    return _error(
        provider,
        f"{provider.name} ended the sign-in.",
        side="provider",
        code="provider_error",
        hint=f"It says {_quoted(said)}.",
        error=error,
    )


def invalid(provider: Provider, what: str) -> ProviderError:
    return _error(
        provider,
        f"{provider.name} answered something that cannot be used: {what}.",
        side="provider",
        code="provider_answer",
        hint="Look at its addresses in the settings, and at proxies in between.",
    )


def unreachable(provider: Provider, what: str, response: HttpResponse | None = None) -> ProviderUnreachable:
    after = response.headers.get("retry-after", "") if response else ""
    seconds = min(max(int(after), 1), MAX_RETRY_AFTER) if after.isascii() and after.isdigit() else 5
    return ProviderUnreachable(f"{provider.name}: {what}.", provider=provider.id, retry_after=seconds)


def _error(
    provider: Provider, message: str, *, side: Side, code: str, hint: str, error: str | None = None
) -> ProviderError:
    return ProviderError(message, provider=provider.id, side=side, code=code, hint=hint, error=error)


def _quoted(text: str) -> str:
    """What somebody else wrote: short, on one line."""
    return repr(" ".join(text[:MAX_QUOTED].split()))
