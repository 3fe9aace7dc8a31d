"""The authorize request (RFC 6749 §4.1.1, RFC 7636 §4.3): read whole, refused early, answered with a code."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final

from vestibule.server.identity.applications import OAUTH
from vestibule.server.identity.assurance import known_acr_values
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import get_client_id
from vestibule.server.identity.errors import Invalid
from vestibule.server.identity.joining import find_invitation
from vestibule.server.identity.models import BrowserSession
from vestibule.server.identity.provider_names import name_of
from vestibule.server.identity.redirect_uris import check_redirect_uri
from vestibule.server.identity.responding import MODES, WayBack
from vestibule.server.identity.scopes import asked_scopes
from vestibule.server.identity.secrets import digest, new_token
from vestibule.server.languages import mark
from vestibule.server.store.applications import Application
from vestibule.server.store.transaction import Transaction

CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)  # what S256 makes, RFC 7636 §4.2
WHOLE_NUMBER: Final = re.compile(r"[0-9]{1,9}", re.ASCII)
PROMPTS: Final = frozenset({"none", "login", "consent", "select_account", "create"})
MAX_STATE: Final = 8_192  # sealed states of the official clients, custom state included
MAX_OTHER: Final = 2_048
UNKNOWN_INVITATION: Final = "unknown"


class AuthorizationError(Exception):
    """`redirect_to` is where the app learns of it. None: nobody may be sent anywhere, show a page."""

    def __init__(self, message: str, *, code: str, redirect_to: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.redirect_to = redirect_to


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """Checked: the client is ours, and the redirect URI is registered."""

    client_id: str
    redirect_uri: str
    state: str | None = field(default=None, repr=False)
    code_challenge: str | None = field(default=None, repr=False)
    nonce: str | None = field(default=None, repr=False)
    scope: str | None = None
    screen_hint: str | None = None
    provider: str | None = None
    """Where the person shall go at once, as `GoogleOAuth`; None: to our pages."""
    login_hint: str | None = field(default=None, repr=False)
    organization_id: str | None = None
    invitation_id: str | None = None
    prompt: tuple[str, ...] = ()
    max_age: int | None = None
    acr_values: tuple[str, ...] = ()
    response_mode: str | None = None
    issuer: str | None = None
    application_id: str | None = None
    """Of the client when it is not the environment's own app; then `scope` is what it may ask for."""

    @property
    def scopes(self) -> tuple[str, ...]:
        return tuple((self.scope or "").split())

    @property
    def way_back(self) -> WayBack:
        return WayBack(self.redirect_uri, self.state, self.response_mode, self.issuer)

    def as_dict(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value not in (None, ())}

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> "AuthorizationRequest":
        known = {item.name: kept[item.name] for item in fields(cls) if item.name in kept}
        return cls(**known | {name: tuple(kept.get(name, ())) for name in ("prompt", "acr_values")})


Parameters = Mapping[str, str] | Iterable[tuple[str, str]]


def check_authorization(
    identity: Identity, params: Parameters, *, issuer: str | None = None
) -> AuthorizationRequest:
    """Raises AuthorizationError. Until client and redirect URI are known to be good, it is for a page.
    `issuer` is what the answer shall say it comes from, at the standard endpoint: PKCE is required there of
    every client (RFC 9700 §2.1.1). Apps of the AuthKit family with a secret may come to theirs without.
    """
    pairs = list(params.items()) if isinstance(params, Mapping) else list(params)
    given = {name: value for name, value in pairs if value}
    application = _check_client(identity, given, applications=issuer is not None)
    redirect_uri = _check_redirect_uri(identity, application, given, pairs)
    mode = given.get("response_mode")
    way_back = WayBack(redirect_uri, given.get("state"), mode if mode in MODES else None, issuer)
    try:
        _check_texts(given, pairs)
        _check_response_type(given)
        _check_provider(identity, given)
        prompt = _prompt(given)
        return AuthorizationRequest(
            client_id=given["client_id"],
            redirect_uri=redirect_uri,
            state=given.get("state"),
            code_challenge=_challenge(given, required=issuer is not None),
            nonce=given.get("nonce"),
            scope=_scope(application, given),
            screen_hint="sign-up" if "create" in prompt else given.get("screen_hint"),
            provider=None if given.get("provider") == "authkit" else given.get("provider"),
            login_hint=given.get("login_hint"),
            organization_id=given.get("organization_id"),
            invitation_id=_invitation(identity, given),
            prompt=prompt,
            max_age=_max_age(given),
            acr_values=known_acr_values(given.get("acr_values", "")),
            response_mode=None if mode == "query" else mode,
            issuer=issuer,
            application_id=None if application is None else application.id,
        )
    except _Problem as problem:
        raise refusal(identity, way_back, code=problem.code, message=problem.message) from None


class _Problem(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def refusal(identity: Identity, way_back: WayBack, *, code: str, message: str) -> AuthorizationError:
    """An error for the app, by way of the browser (RFC 6749 §4.1.2.1)."""
    address = way_back.address(identity, {"error": code, "error_description": message})
    return AuthorizationError(message, code=code, redirect_to=address)


def _check_client(identity: Identity, given: Mapping[str, str], *, applications: bool) -> Application | None:
    """None for the environment's own app. Nobody signs in to a machine."""
    if "client_id" not in given:
        raise AuthorizationError(mark("The request has no client_id."), code="invalid_request")
    client_id = given["client_id"]
    if client_id == get_client_id(identity):
        return None
    found = None
    if applications and "\x00" not in client_id:
        with identity.store.read() as tx:
            found = tx.applications.find_client(client_id)
    if found is None or found.application_type != OAUTH:
        message = mark(
            "This client_id is not the one of this environment: check VESTIBULE_CLIENT_ID in the app."
        )
        raise AuthorizationError(message, code="invalid_client")
    return found


def _scope(application: Application | None, given: Mapping[str, str]) -> str | None:
    if application is None:
        return given.get("scope")
    scopes = asked_scopes(given.get("scope"), application.scopes)
    if scopes is None:
        raise _Problem("invalid_scope", "This application does not have all of these scopes.")
    return " ".join(scopes)


def _check_redirect_uri(
    identity: Identity,
    application: Application | None,
    given: Mapping[str, str],
    pairs: Iterable[tuple[str, str]],
) -> str:
    if "redirect_uri" not in given or sum(name == "redirect_uri" for name, _ in pairs) > 1:
        raise AuthorizationError(mark("The request needs exactly one redirect_uri."), code="invalid_request")
    registered = None if application is None else application.uris
    try:
        return check_redirect_uri(identity, given["redirect_uri"], registered)
    except Invalid as error:
        raise AuthorizationError(error.message, code="invalid_redirect_uri") from None


def _check_texts(given: Mapping[str, str], pairs: Iterable[tuple[str, str]]) -> None:
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):  # RFC 6749 §3.1
        raise _Problem("invalid_request", "A parameter was sent twice.")
    for name, value in given.items():
        if len(value) > (MAX_STATE if name == "state" else MAX_OTHER):
            raise _Problem("invalid_request", "A parameter is too long.")
        if name != "state" and "\x00" in value:
            raise _Problem("invalid_request", "A parameter holds a NUL.")


def _check_response_type(given: Mapping[str, str]) -> None:
    # OpenID Connect Core §6.1, §6.2: never pass over what would have changed the rest of the request.
    if "request" in given:
        raise _Problem("request_not_supported", "Send the parameters themselves, not a request object.")
    if "request_uri" in given:
        raise _Problem("request_uri_not_supported", "Send the parameters themselves, not their address.")
    if "response_type" not in given:
        raise _Problem("invalid_request", "response_type is missing: it must be code.")
    if given["response_type"] != "code":
        raise _Problem("unsupported_response_type", "response_type must be code.")
    if given.get("response_mode", "query") not in MODES:
        raise _Problem("invalid_request", "response_mode must be query, fragment or form_post.")
    if "connection_id" in given:
        raise _Problem("invalid_request", "This environment has no SSO connection.")


def _check_provider(identity: Identity, given: Mapping[str, str]) -> None:
    known = [name_of(each) for each in identity.settings.providers]
    if given.get("provider", "authkit") not in ("authkit", *known):
        there_are = ", ".join(("authkit", *known))
        raise _Problem("invalid_request", f"This provider is not set up here: use provider={there_are}.")


def _challenge(given: Mapping[str, str], *, required: bool) -> str | None:
    challenge, method = given.get("code_challenge"), given.get("code_challenge_method")
    if challenge is None and method is None:
        if required:
            raise _Problem("invalid_request", "Send a code_challenge: PKCE (RFC 7636) is required here.")
        return None
    if method != "S256":  # RFC 9700 §2.1.1: `plain` protects nothing from whoever reads the request
        raise _Problem("invalid_request", "code_challenge_method must be S256.")
    if challenge is None or CHALLENGE.fullmatch(challenge) is None:
        raise _Problem("invalid_request", "code_challenge must be 43 characters of base64url.")
    return challenge


def _invitation(identity: Identity, given: Mapping[str, str]) -> str | None:
    """Its id: the token is good for weeks and is kept nowhere. An unknown one is told to the person."""
    if "invitation_token" not in given:
        return None
    found = find_invitation(identity, given["invitation_token"])
    return UNKNOWN_INVITATION if found is None else found.id


def _prompt(given: Mapping[str, str]) -> tuple[str, ...]:
    prompt = tuple(given.get("prompt", "").split())
    if not PROMPTS.issuperset(prompt):
        raise _Problem("invalid_request", "prompt may be none, login, consent, select_account or create.")
    if "none" in prompt and len(prompt) > 1:
        raise _Problem("invalid_request", "prompt=none stands alone.")
    return prompt


def _max_age(given: Mapping[str, str]) -> int | None:
    text = given.get("max_age")
    if text is None:
        return None
    if WHOLE_NUMBER.fullmatch(text) is None:
        raise _Problem("invalid_request", "max_age must be a number of seconds.")
    return int(text)


def issue_code(
    tx: Transaction,
    identity: Identity,
    request: AuthorizationRequest,
    *,
    browser: BrowserSession,
    organization_id: str | None = None,
) -> str:
    """The address, with a new code and the state as it came, that the browser goes to next."""
    code, now = new_token(), identity.now
    tx.codes.create(
        code_hash=digest(code),
        client_id=request.client_id,
        user_id=browser.user_id,
        redirect_uri=request.redirect_uri,
        code_challenge=request.code_challenge,
        organization_id=organization_id,
        authentication_method=browser.authentication_method,
        second_factor=browser.second_factor,
        authenticated_at=browser.authenticated_at,
        browser_session_id=browser.id,
        scope=request.scope,
        nonce=request.nonce,
        expires_at=now + dt.timedelta(seconds=identity.settings.code_seconds),
        created_at=now,
    )
    return request.way_back.address(identity, {"code": code})
