"""Why a sign-in failed and which setting to look at: one failure, one cause, one thing to do."""

from urllib.parse import urlsplit

from vestibule.errors import LoginError, Refused
from vestibule.session.config import Config
from vestibule.session.incoming import Incoming

ACCESS_DENIED = "access_denied"
MAX_QUOTED = 300

TOKEN_HINTS = {
    "token_issuer": "The server goes by another name: set VESTIBULE_ISSUER to the `iss` of its tokens.",
    "token_audience": "The token is for another client: compare VESTIBULE_CLIENT_ID with the server's.",
    "token_expired": "The token had expired when it arrived: set the clock of this machine.",
    "token_not_yet_valid": "The token is from the future: set the clock of this machine.",
    "token_key": "Its key is not in the key set: VESTIBULE_URL may name another server.",
    "token_signature": "Its signature does not fit the key set: VESTIBULE_URL may name another server.",
    "token_type": "The server's tokens are of another type. For WorkOS behind a custom domain, "
    "set VESTIBULE_PROFILE=workos.",
}


def provider_error(error: str, description: str | None) -> LoginError:
    """`description` only when this browser began the sign-in: else anybody could write on our page."""
    denied = error == ACCESS_DENIED
    said = f" It said: “{description[:MAX_QUOTED]}”" if description else ""
    return LoginError(
        ("The sign-in was cancelled or not allowed." if denied else "The identity server ended the sign-in.")
        + said,
        code=ACCESS_DENIED if denied else "provider_error",
        hint="Start again; if it ends the same way, look at the identity server's log for this client."
        + ("" if denied else f" Its error code is {error[:60]}."),
    )


def code_missing() -> LoginError:
    return LoginError(
        "The callback has no code parameter.",
        code="code_missing",
        hint="Something between the identity server and the app drops the query string, or the address "
        "was opened by hand.",
    )


def code_refused(error: Refused) -> LoginError:
    hints = {
        "invalid_grant": "The code was used before, is older than ten minutes, or was made for another "
        "redirect URI: compare VESTIBULE_REDIRECT_URI with the one registered at the server.",
        "invalid_client": "The server does not know this client: VESTIBULE_CLIENT_ID, VESTIBULE_API_KEY.",
        "unauthorized_client": "The server does not let this client sign people in: VESTIBULE_CLIENT_ID.",
        "http_401": "The server does not accept VESTIBULE_API_KEY.",
        "http_404": "There is no such endpoint: VESTIBULE_URL may name another server.",
    }
    return LoginError(
        "The identity server refused the code of this sign-in.",
        code="code_refused",
        hint=hints.get(error.error, f"Its error code is {error.error[:60]}: look at the server's log."),
    )


def token_invalid(code: str, config: Config) -> LoginError:
    hint = TOKEN_HINTS.get(code, "VESTIBULE_URL may name something else than an identity server.")
    return LoginError(
        f"The access token of {config.url} is not acceptable ({code}).", code="token_invalid", hint=hint
    )


def other_sign_in() -> LoginError:
    return LoginError(
        "This address belongs to another sign-in than the one begun in this browser.",
        code="state_mismatch",
        hint="The sign-in was begun in another tab or browser, the address was opened twice, "
        "or its state was changed on the way. Start again, in one tab.",
    )


def cookie_missing(incoming: Incoming, config: Config) -> LoginError:
    """No verifier cookie at all: what can be seen from here tells which cause is likely."""
    return LoginError(
        "The browser did not send back the cookie of this sign-in.",
        code="verifier_cookie_missing",
        hint=" ".join((*_evidence(incoming, config), _usual_causes(config))),
    )


def _evidence(incoming: Incoming, config: Config) -> list[str]:
    callback = urlsplit(config.callback_url())
    found = []
    if incoming.host and incoming.host.lower() != callback.netloc.lower():
        found.append(
            f"This request came to {incoming.host[:100]}, but VESTIBULE_REDIRECT_URI names {callback.netloc}."
        )
    if incoming.scheme == "http" and callback.scheme == "https":
        found.append(
            "It came over http while VESTIBULE_REDIRECT_URI is https; Secure cookies stay away from http."
        )
    if config.cookie_domain:
        found.append(f"VESTIBULE_COOKIE_DOMAIN is {config.cookie_domain}: the app must live inside it.")
    if not incoming.cookies:
        found.append("The browser sent no cookies at all: it may block them.")
    return found


def _usual_causes(config: Config) -> str:
    host = urlsplit(config.callback_url()).hostname
    return (
        f"Usual causes: sign-in began on another host than {host} (localhost and 127.0.0.1 are two hosts), "
        "a proxy that drops Set-Cookie from redirects or changes SameSite, a sign-in older than ten minutes, "
        "an address opened twice."
    )
