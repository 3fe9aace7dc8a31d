"""What a browser is asked for, as JSON (WebAuthn §5.4, §5.5): no library needed, and none loaded."""

import base64
from collections.abc import Sequence
from typing import Any, Final

from vestibule.server.identity.passkey_responses import RelyingParty
from vestibule.server.identity.people import User
from vestibule.server.store.passkeys import Passkey

MILLISECONDS: Final = 300_000  # as long as the challenge is good
ALGORITHMS: Final = (-8, -7, -257)  # EdDSA, ES256, RS256 (RFC 8152 §8)


def creation_options(
    party: RelyingParty, user: User, *, challenge: str, user_verification: str, known: Sequence[Passkey]
) -> dict[str, Any]:
    return {
        "rp": {"id": party.id, "name": party.name},
        "user": {
            "id": _text(user.id.encode()),
            "name": user.email,
            "displayName": user.name or user.email,
        },
        "challenge": _text(challenge.encode()),
        "pubKeyCredParams": [{"type": "public-key", "alg": each} for each in ALGORITHMS],
        "timeout": MILLISECONDS,
        "excludeCredentials": [_descriptor(each) for each in known],
        "authenticatorSelection": {
            "residentKey": "required",  # else a sign-in that names nobody would not find it
            "requireResidentKey": True,
            "userVerification": user_verification,
        },
        "attestation": "none",
    }


def request_options(
    party: RelyingParty, *, challenge: str, user_verification: str, allowed: Sequence[Passkey]
) -> dict[str, Any]:
    return {
        "rpId": party.id,
        "challenge": _text(challenge.encode()),
        "timeout": MILLISECONDS,
        "allowCredentials": [_descriptor(each) for each in allowed],
        "userVerification": user_verification,
    }


def _descriptor(passkey: Passkey) -> dict[str, Any]:
    described = {"type": "public-key", "id": _text(passkey.credential_id)}
    return described | ({"transports": passkey.transports} if passkey.transports else {})


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
