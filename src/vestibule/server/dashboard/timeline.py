"""What happened to somebody, told in sentences: an operator reads a life here, not a log."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from vestibule.server.identity.devices_in_words import device_of
from vestibule.server.store.events import Event

METHODS: Final = {
    "password": "a password",
    "magic_auth": "a code by mail",
    "passkey": "a passkey",
    "mfa": "a second factor",
    "oauth": "an account elsewhere",
    "sso": "single sign-on",
    "email_verification": "a code that proves the address",
    "reauthentication": "a proof that it is still them",
}
SENTENCES: Final[Mapping[str, str]] = {
    "user.created": "The account was made",
    "user.updated": "The account was changed",
    "user.deleted": "The account was deleted",
    "user.suspended": "The account was suspended",
    "user.unsuspended": "The suspension was taken back",
    "session.created": "Signed in to an app",
    "session.revoked": "The session in an app ended",
    "session.code_reused": "A sign-in code was used twice, and its session ended",
    "session.refresh_token_reused": "A used refresh token came again",
    "browser_session.revoked": "Signed out of a browser",
    "password.created": "Set a first password",
    "password.updated": "Changed the password",
    "password_reset.created": "A mail to choose a new password was sent",
    "password_reset.succeeded": "Chose a new password by the mailed link",
    "passkey.created": "Added a passkey",
    "passkey.updated": "Renamed a passkey",
    "passkey.deleted": "A passkey was removed",
    "authentication_factor.created": "Began to set up an authenticator app",
    "authentication_factor.verified": "Confirmed an authenticator app",
    "authentication_factor.deleted": "An authenticator app was removed",
    "recovery_codes.created": "New recovery codes were made",
    "recovery_code.used": "Used a recovery code",
    "identity.deleted": "An account elsewhere was disconnected",
    "email_verification.created": "A code to prove the address was sent",
    "magic_auth.created": "A code to sign in with was sent",
    "organization_membership.created": "Joined an organization",
    "organization_membership.updated": "The membership in an organization changed",
    "organization_membership.deleted": "Left an organization",
    "invitation.accepted": "Accepted an invitation",
    "impersonation.created": "Somebody asked to sign in as this user",
    "api_key.created": "Made an API key",
    "api_key.updated": "An API key changed",
    "api_key.revoked": "An API key was revoked",
    "group.member_added": "Was added to a group",
    "group.member_removed": "Was removed from a group",
    "operator.created": "Became an operator of this dashboard",
    "operator.updated": "The role as an operator changed",
    "operator.deleted": "Is no operator any more",
}
BAD: Final = frozenset({"session.code_reused", "user.suspended", "user.deleted", "recovery_code.used"})
GOOD: Final = frozenset({"session.created", "user.created", "user.unsuspended"})


@dataclass(frozen=True, slots=True)
class Told:
    event: Event
    sentence: str
    detail: str
    by: str
    """Who caused it, when somebody else did."""
    tone: str


def tell(event: Event) -> Told:
    return Told(event, _sentence(event), _detail(event), _by(event), _tone(event.event))


def _sentence(event: Event) -> str:
    kind, _, outcome = event.event.removeprefix("authentication.").rpartition("_")
    if event.event.startswith("authentication."):
        how = METHODS.get(kind, kind.replace("_", " "))
        return f"Showed {how}" if outcome == "succeeded" else f"{how[:1].upper()}{how[1:]} was refused"
    told = SENTENCES.get(event.event)
    return told or event.event.replace(".", " ").replace("_", " ").capitalize()


def _detail(event: Event) -> str:
    data, context = event.data, event.context or {}
    parts = [
        _error(data.get("error")),
        _changed(context.get("previous_attributes")),
        _impersonator(data.get("impersonator")),
        str(data.get("name") or "") if event.event.startswith(("passkey.", "api_key.")) else "",
        str(data.get("provider") or "") if event.event == "identity.deleted" else "",
        _device(data.get("user_agent") or context.get("user_agent")),
        str(data.get("ip_address") or context.get("ip_address") or ""),
    ]
    return " · ".join(filter(None, parts))


def _error(error: Any) -> str:
    return str(error.get("message") or error.get("code") or "") if isinstance(error, Mapping) else ""


def _changed(previous: Any) -> str:
    if not isinstance(previous, Mapping) or not previous:
        return ""
    return "changed: " + ", ".join(sorted(str(name).replace("_", " ") for name in previous))


def _impersonator(found: Any) -> str:
    return f"by {found.get('email')}: {found.get('reason')}" if isinstance(found, Mapping) else ""


def _device(user_agent: Any) -> str:
    device = device_of(user_agent if isinstance(user_agent, str) else None)
    return " on ".join(filter(None, (device.program, device.system)))


def _by(event: Event) -> str:
    actor = (event.context or {}).get("actor")
    if not isinstance(actor, Mapping):
        return ""
    return str(actor.get("name") or actor.get("id") or "")


def _tone(name: str) -> str:
    if name.endswith("_failed") or name in BAD or name.endswith("reused"):
        return "bad"
    return "good" if name in GOOD else "plain"
