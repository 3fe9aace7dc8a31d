"""The token endpoint of the official SDKs: one address, told apart by `grant_type`."""

from collections.abc import Callable
from typing import Any, Final

from msgspec import UNSET

from vestibule.server.answers import Answer
from vestibule.server.api import browser_clients
from vestibule.server.api.bodies import Body, Line, Secret, Text, Unset
from vestibule.server.api.operation import Call, Operations
from vestibule.server.api.shapes import AuthenticationShape, UserShape, show, show_impersonator
from vestibule.server.identity import devices, grants, magic_grants, step_grants
from vestibule.server.identity.errors import IdentityError, Invalid, OAuthDenied
from vestibule.server.identity.events import Caller
from vestibule.server.identity.opening import Authentication

operations = Operations("authenticate")

URN: Final = "urn:workos:oauth:grant-type:"


class Authenticate(Body):
    """Which members are required depends on the grant. An app's server tells whose request it serves."""

    grant_type: Line
    client_id: Line
    client_secret: Secret | Unset | None = UNSET
    code: Secret | Unset | None = UNSET
    code_verifier: Secret | Unset | None = UNSET
    refresh_token: Secret | Unset | None = UNSET
    device_code: Secret | Unset | None = UNSET
    organization_id: Line | Unset | None = UNSET
    email: Line | Unset | None = UNSET
    password: Secret | Unset | None = UNSET
    pending_authentication_token: Secret | Unset | None = UNSET
    authentication_challenge_id: Line | Unset | None = UNSET
    ip_address: Line | Unset | None = UNSET
    invitation_token: Secret | Unset | None = UNSET
    user_agent: Text | Unset | None = UNSET


def _hashes(body: Authenticate) -> bool:
    return body.grant_type == "password"


def _repeats(body: Authenticate) -> bool:
    """A refresh has its own way of being repeated, which costs nothing."""
    return body.grant_type != "refresh_token"


@operations.post(
    "/user_management/authenticate",
    body=Authenticate,
    answers=AuthenticationShape,
    public=True,
    forms=True,
    tokens=True,
    hashes=_hashes,
    repeats=_repeats,
)
def authenticate(call: Call[Authenticate]) -> Answer:
    """Exchange a code, a refresh token, a password or the proof of one more step for a session."""
    grant = GRANTS.get(call.body.grant_type)
    if grant is None:
        text = f"This server knows no grant_type {call.body.grant_type[:100]!r}."
        raise OAuthDenied(text, code="unsupported_grant_type")
    tally, kind = call.identity.tally, call.body.grant_type
    try:
        done = grant(call)
    except IdentityError as error:
        tally.count("vestibule_grants", kind, "refused")
        if grant is not _refresh or not isinstance(error, OAuthDenied):
            raise
        return browser_clients.refuse(call, error)
    tally.count("vestibule_grants", kind, "succeeded")
    kept = browser_clients.keep(call, done) if browser_clients.keeps(call) else ()
    return Answer(200, _show(done, refresh_token="" if kept else done.refresh_token), cookies=kept)


def _show(done: Authentication, *, refresh_token: str) -> AuthenticationShape:
    return AuthenticationShape(
        user=show(UserShape, done.user),
        organization_id=done.organization_id or UNSET,
        access_token=done.access_token,
        refresh_token=refresh_token,
        authentication_method=done.authentication_method,
        impersonator=show_impersonator(done.impersonator),
    )


def _exchange_code(call: Call[Authenticate]) -> Authentication:
    return grants.exchange_code(
        call.identity,
        **_client(call.body),
        **_required(call.body, "code"),
        code_verifier=call.body.code_verifier or None,
        invitation_token=call.body.invitation_token or None,
        caller=_caller(call),
    )


def _refresh(call: Call[Authenticate]) -> Authentication:
    kept = None if call.body.refresh_token else browser_clients.kept_token(call)
    return grants.refresh(
        call.identity,
        **_client(call.body),
        **({"refresh_token": kept} if kept else _required(call.body, "refresh_token")),
        organization_id=call.body.organization_id or None,
        awaited=call.awaited,
    )


def _password(call: Call[Authenticate]) -> Authentication:
    asked = _required(call.body, "email", "password")
    invitation = call.body.invitation_token or None
    return step_grants.password_grant(
        call.identity, **_client(call.body), **asked, invitation_token=invitation, caller=_caller(call)
    )


def _magic_auth(call: Call[Authenticate]) -> Authentication:
    asked = _required(call.body, "email", "code")
    invitation = call.body.invitation_token or None
    return magic_grants.magic_auth_grant(
        call.identity, **_client(call.body), **asked, invitation_token=invitation, caller=_caller(call)
    )


def _email_verification(call: Call[Authenticate]) -> Authentication:
    asked = _required(call.body, "code", "pending_authentication_token")
    return step_grants.email_verification_grant(
        call.identity, **_client(call.body), **asked, caller=_caller(call)
    )


def _second_factor(call: Call[Authenticate]) -> Authentication:
    asked = _required(call.body, "code", "pending_authentication_token", "authentication_challenge_id")
    return step_grants.second_factor_grant(call.identity, **_client(call.body), **asked, caller=_caller(call))


def _organization_selection(call: Call[Authenticate]) -> Authentication:
    asked = _required(call.body, "pending_authentication_token", "organization_id")
    return step_grants.organization_selection_grant(
        call.identity, **_client(call.body), **asked, caller=_caller(call)
    )


def _device_code(call: Call[Authenticate]) -> Authentication:
    asked = _required(call.body, "device_code")
    return devices.device_grant(call.identity, **_client(call.body), **asked, caller=_caller(call))


GRANTS: Final[dict[str, Callable[[Call[Authenticate]], Authentication]]] = {
    "authorization_code": _exchange_code,
    "refresh_token": _refresh,
    "password": _password,
    devices.GRANT_TYPE: _device_code,
    f"{URN}magic-auth:code": _magic_auth,
    f"{URN}email-verification:code": _email_verification,
    f"{URN}mfa-totp": _second_factor,
    f"{URN}organization-selection": _organization_selection,
}


def _client(body: Authenticate) -> dict[str, Any]:
    return {"client_id": body.client_id, "client_secret": body.client_secret or None}


def _required(body: Authenticate, *names: str) -> dict[str, Any]:
    values = {name: getattr(body, name) for name in names}
    errors = [
        {"field": name, "code": f"{name}_required", "message": f"{name} is required for this grant_type."}
        for name, value in values.items()
        if not isinstance(value, str) or not value
    ]
    if errors:
        raise Invalid(errors=errors)
    return values


def _caller(call: Call[Authenticate]) -> Caller:
    """An app's server speaks for its visitors and says who they are; a browser speaks for itself."""
    if call.body.client_secret:
        return Caller(call.body.ip_address or None, call.body.user_agent or None)
    return Caller(call.ip_address, call.user_agent)
