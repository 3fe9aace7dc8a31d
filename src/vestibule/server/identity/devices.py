"""Signing in a device without a keyboard or a browser, by approving it somewhere else (RFC 8628).

The device holds the device code, which is a secret of 256 bits. The person types the user code, which is
short: it lives for five minutes, guesses are limited, and knowing one only lets somebody approve it.
"""

import datetime as dt
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Any, Final

from vestibule.server.identity.applications import foreign_application
from vestibule.server.identity.clients import Client, authenticate_client, check_for_people
from vestibule.server.identity.completing import complete
from vestibule.server.identity.consents import grant_consent_in
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Denied, OAuthDenied
from vestibule.server.identity.events import NOBODY, Caller, timestamp
from vestibule.server.identity.limits import TRIES_PER_ADDRESS, Limit, hit_all, place_of
from vestibule.server.identity.models import BrowserSession
from vestibule.server.identity.opening import Authentication
from vestibule.server.identity.scopes import asked_scopes
from vestibule.server.identity.secrets import digest, new_token
from vestibule.server.identity.strangers import storable
from vestibule.server.identity.tokens import find_access, not_a_member
from vestibule.server.identity.users import get_user
from vestibule.server.store.device_codes import DeviceCode

GRANT_TYPE: Final = "urn:ietf:params:oauth:grant-type:device_code"
FIVE_MINUTES: Final = 300
POLL_SECONDS: Final = 5
LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ"  # RFC 8628 §6.1: no vowels, so no words, and nothing that looks alike
LENGTH: Final = 8
GUESSES: Final = Limit(10, 60)
MAX_CODE: Final = 512


@dataclass(frozen=True, slots=True)
class DeviceAuthorization:
    """What the device is told; it shows the user code and the address to type it at."""

    device_code: str = field(repr=False)
    user_code: str = field(repr=False)
    expires_in: int
    interval: int


def begin_device(
    identity: Identity,
    *,
    client_id: str | None,
    client_secret: str | None = None,
    scope: str | None = None,
    caller: Caller = NOBODY,
    applications: bool = False,
) -> DeviceAuthorization:
    """Raises OAuthDenied, TooMany."""
    client = authenticate_client(identity, client_id, client_secret, applications=applications)
    check_for_people(client)
    scope = _granted(client, scope)
    if caller.ip_address:
        hit_all(identity, (f"device:{place_of(caller.ip_address)}", TRIES_PER_ADDRESS))
    device_code, user_code, now = new_token(), new_user_code(), identity.now
    with identity.store.transaction() as tx:
        tx.device_codes.create(
            device_code_hash=digest(device_code),
            user_code_hash=_user_code_hash(identity, user_code),
            client_id=client.client_id,
            scope=storable(scope),
            ip_address=storable(caller.ip_address),
            user_agent=storable(caller.user_agent),
            poll_seconds=POLL_SECONDS,
            expires_at=now + dt.timedelta(seconds=FIVE_MINUTES),
            created_at=now,
        )
    return DeviceAuthorization(device_code, user_code, FIVE_MINUTES, POLL_SECONDS)


def _granted(client: Client, scope: str | None) -> str | None:
    if client.application is None:
        return scope
    scopes = asked_scopes(scope, client.application.scopes)
    if scopes is None:
        raise OAuthDenied("This client does not have all of these scopes.", code="invalid_scope")
    return " ".join(scopes)


def describe(identity: Identity, begun: DeviceAuthorization) -> dict[str, Any]:
    """As the device is told (RFC 8628 §3.2)."""
    address = f"{identity.settings.public_url}/device"
    return {
        "device_code": begun.device_code,
        "user_code": begun.user_code,
        "verification_uri": address,
        "verification_uri_complete": f"{address}?user_code={begun.user_code}",
        "expires_in": begun.expires_in,
        "interval": begun.interval,
    }


def new_user_code() -> str:
    """34 bits, in two groups that are easy to read out."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    return f"{letters[:4]}-{letters[4:]}"


def read_user_code(typed: str) -> str | None:
    """As it was shown, whatever blanks, hyphens and lower case it was typed with. None: it cannot be one."""
    letters = "".join(letter for letter in typed[:64].upper() if letter not in " -\t")
    if len(letters) != LENGTH or not set(letters) <= set(LETTERS):
        return None
    return f"{letters[:4]}-{letters[4:]}"


def find_device(identity: Identity, user_code: str) -> DeviceCode | None:
    """The device that waits under this code. None when nothing waits, any more or at all."""
    with identity.store.read() as tx:
        return tx.device_codes.find_waiting(_user_code_hash(identity, user_code), now=identity.now)


def guess_device(identity: Identity, user_code: str, *, place: str, browser: str) -> DeviceCode | None:
    """For a code that somebody typed. Raises TooMany."""
    hit_all(identity, (f"user_code:{place_of(place)}", GUESSES), (f"user_code:{browser}", GUESSES))
    return find_device(identity, user_code)


def claim_device(identity: Identity, user_code: str, *, user_id: str) -> DeviceCode | None:
    """What the person in front of the decision sees. From here on it is theirs: nobody else who knows the
    code can decide. None when it is somebody else's, or nothing waits."""
    with identity.store.transaction() as tx:
        return tx.device_codes.claim(_user_code_hash(identity, user_code), user_id=user_id, now=identity.now)


def approve_device(
    identity: Identity, user_code: str, *, browser: BrowserSession, organization_id: str | None
) -> None:
    """The device signs in as the person at `browser`. Raises Denied `device_code_over`, OAuthDenied."""
    now, code_hash = identity.now, _user_code_hash(identity, user_code)
    with identity.store.transaction() as tx:
        if organization_id is not None and find_access(tx, browser.user_id, organization_id) is None:
            raise not_a_member()
        claimed = tx.device_codes.claim(code_hash, user_id=browser.user_id, now=now)
        application = None if claimed is None else foreign_application(tx, identity, claimed.client_id)
        if application is not None and claimed is not None:
            grant_consent_in(tx, identity, browser.user_id, application, (claimed.scope or "").split())
        approved = tx.device_codes.decide(
            code_hash,
            "approved",
            user_id=browser.user_id,
            now=now,
            organization_id=organization_id,
            authentication_method=browser.authentication_method,
            second_factor=browser.second_factor,
            authenticated_at=browser.authenticated_at,
            browser_session_id=browser.id,
        )
    if not approved:
        raise _over()


def deny_device(identity: Identity, user_code: str, *, user_id: str) -> None:
    """Raises Denied `device_code_over`."""
    code_hash = _user_code_hash(identity, user_code)
    with identity.store.transaction() as tx:
        tx.device_codes.claim(code_hash, user_id=user_id, now=identity.now)
        denied = tx.device_codes.decide(code_hash, "denied", user_id=user_id, now=identity.now)
    if not denied:
        raise _over()


def device_grant(
    identity: Identity,
    *,
    device_code: str,
    client_id: str | None,
    client_secret: str | None = None,
    caller: Caller = NOBODY,
    applications: bool = False,
) -> Authentication:
    """Raises OAuthDenied: `authorization_pending`, `slow_down`, `access_denied`, `expired_token`,
    `invalid_grant`; and what `complete` raises when more has come to be asked since the approval."""
    client = authenticate_client(identity, client_id, client_secret, applications=applications)
    check_for_people(client)
    if len(device_code) > MAX_CODE:
        raise _unknown()
    with identity.store.transaction() as tx:
        polled = tx.device_codes.poll(digest(device_code), client_id=client.client_id, now=identity.now)
        refused = _judge(identity, polled)
        # The poll is noted whatever comes of it, so a refusal is raised after the transaction.
        consumed = None if refused else tx.device_codes.consume(digest(device_code), now=identity.now)
    if refused is not None:
        raise refused
    if consumed is None or consumed.user_id is None or consumed.authenticated_at is None:
        raise _unknown()
    return complete(identity, get_user(identity, consumed.user_id), _proven(consumed), caller)


def _proven(device: DeviceCode) -> dict[str, Any]:
    """What the person showed in the browser. The session is not tied to that browser: signing out on one
    must not sign out on the other."""
    proven = {
        "client_id": device.client_id,
        "authentication_method": device.authentication_method,
        "second_factor": device.second_factor,
        "authenticated_at": timestamp(device.authenticated_at) if device.authenticated_at else None,
        "organization_id": device.organization_id,
        "scope": device.scope,
    }
    return {name: value for name, value in proven.items() if value is not None}


def _judge(identity: Identity, polled: DeviceCode | None) -> OAuthDenied | None:
    """RFC 8628 §3.5. None for one that was approved."""
    if polled is None:
        return _unknown()
    if polled.expires_at <= identity.now:
        return OAuthDenied("The codes are over: begin again.", code="expired_token")
    if polled.decision == "denied":
        return OAuthDenied("The person said no.", code="access_denied")
    if polled.decision == "approved":
        return None
    if polled.polled_too_soon:
        text = f"Ask every {polled.poll_seconds} seconds, not more often."
        return OAuthDenied(text, code="slow_down", interval=polled.poll_seconds)
    return OAuthDenied("Nobody has decided yet: ask again.", code="authorization_pending")


def _user_code_hash(identity: Identity, user_code: str) -> bytes:
    # Keyed: so few codes are hashed in an hour that a plain digest would hide nothing.
    return hmac.digest(identity.settings.secret.encode(), f"user_code:{user_code}".encode(), hashlib.sha256)


def _unknown() -> OAuthDenied:
    return OAuthDenied(
        "The device code is unknown, was redeemed, or is another client's.", code="invalid_grant"
    )


def _over() -> Denied:
    return Denied("This code was decided already or is over.", code="device_code_over")
