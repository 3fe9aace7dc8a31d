"""What an authenticator answers: read with suspicion, then verified by the library that knows the formats.

The library is loaded by the first answer: with what it needs for certificates nobody asks for, that takes a
fifth of a second, which a server that starts should not wait for.
"""

import base64
import json
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from vestibule.server.settings import Settings

MAX_CREDENTIAL: Final = 16_384
MAX_CREDENTIAL_ID: Final = 1_023  # WebAuthn §5.8.3
NAME: Final = "Vestibule"
TRANSPORTS: Final = frozenset({"usb", "nfc", "ble", "internal", "cable", "hybrid", "smart-card"})


class Refused(Exception):
    """`reason` is for the event, not for whoever asked."""

    def __init__(self, reason: str, *, user_id: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.user_id = user_id


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """`id` is the domain that keys are made for; `origin` the only place where they may be used."""

    id: str
    origin: str
    name: str = NAME

    @classmethod
    def of(cls, settings: Settings) -> "RelyingParty":
        parts = urlsplit(settings.public_url)
        return cls(settings.passkey_domain or parts.hostname or "", f"{parts.scheme}://{parts.netloc}")


@dataclass(frozen=True, slots=True)
class Response:
    """JSON as `PublicKeyCredential.toJSON` makes it."""

    data: dict[str, Any] = field(repr=False)
    challenge: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Assertion(Response):
    credential_id: bytes = field(repr=False)
    user_handle: str


@dataclass(frozen=True, slots=True)
class Attestation:
    credential_id: bytes = field(repr=False)
    public_key: bytes = field(repr=False)
    sign_count: int
    transports: tuple[str, ...]
    aaguid: str
    backed_up: bool


@dataclass(frozen=True, slots=True)
class Shown:
    sign_count: int
    backed_up: bool
    user_verified: bool


def read_attestation(credential: str) -> Response:
    """Raises Refused."""
    data = _read(credential)
    return Response(data, _challenge(data))


def read_assertion(credential: str) -> Assertion:
    """`user_handle` is '' when the key does not say whose it is. Raises Refused."""
    data = _read(credential)
    credential_id = _bytes(data.get("rawId"))
    if not 0 < len(credential_id) <= MAX_CREDENTIAL_ID:
        raise Refused("malformed")
    handle = data["response"].get("userHandle")
    try:
        user_handle = "" if handle is None else _bytes(handle).decode("ascii")
    except UnicodeDecodeError:
        raise Refused("malformed") from None
    return Assertion(data, _challenge(data), credential_id, user_handle)


def verify_attestation(given: Response, party: RelyingParty, *, verified: bool) -> Attestation:
    from webauthn import verify_registration_response

    try:
        made = verify_registration_response(
            credential=given.data,
            expected_challenge=given.challenge.encode(),
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=verified,
        )
    except Exception:  # whatever a stranger's bytes make the parsers raise
        raise Refused("not_verified") from None
    if len(made.credential_id) > MAX_CREDENTIAL_ID:
        raise Refused("malformed")
    named = given.data["response"].get("transports")
    return Attestation(
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        transports=tuple(each for each in named if isinstance(each, str) and each in TRANSPORTS)
        if isinstance(named, list)
        else (),
        aaguid=made.aaguid,
        backed_up=made.credential_backed_up,
    )


def verify_assertion(
    given: Assertion, party: RelyingParty, public_key: bytes, *, verified: bool, user_id: str
) -> Shown:
    """The counter is the store's to compare, in one statement with its change."""
    from webauthn import verify_authentication_response

    try:
        shown = verify_authentication_response(
            credential=given.data,
            expected_challenge=given.challenge.encode(),
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=verified,
        )
    except Exception:  # whatever a stranger's bytes make the parsers raise
        raise Refused("not_verified", user_id=user_id) from None
    return Shown(shown.new_sign_count, shown.credential_backed_up, shown.user_verified)


def _read(credential: str) -> dict[str, Any]:
    if len(credential) > MAX_CREDENTIAL:
        raise Refused("malformed")
    try:
        data = json.loads(credential)
    except (ValueError, RecursionError):
        raise Refused("malformed") from None
    if not isinstance(data, dict) or not isinstance(data.get("response"), dict):
        raise Refused("malformed")
    return data


def _challenge(data: dict[str, Any]) -> str:
    """As it was made: what the browser was given is its base64url. A page of another origin around this one
    (`crossOrigin`) has no business with our keys."""
    try:
        client = json.loads(_bytes(data["response"].get("clientDataJSON")))
        challenge = _bytes(client["challenge"]).decode("ascii")
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Refused("malformed") from None
    if client.get("crossOrigin", False) is not False or "topOrigin" in client:
        raise Refused("cross_origin")
    return challenge


def _bytes(text: object) -> bytes:
    if not isinstance(text, str) or not text.isascii():
        raise Refused("malformed")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise Refused("malformed") from None
