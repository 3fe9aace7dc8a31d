"""An authenticator in software: it answers as a browser would, or as somebody with bad intentions."""

import base64
import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import encode_cbor

UP, UV, BACKUP, ATTESTED = 0x01, 0x04, 0x18, 0x40


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw(encoded: str) -> bytes:
    return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))


@dataclass
class SoftKey:
    """`flags` and `count` are what it says of itself; everything else can be said wrong at each call."""

    origin: str
    flags: int = UP | UV
    count: int = 0
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user_handle: str = ""
    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def create(self, options: dict[str, Any], **wrong: Any) -> str:
        self.user_handle = options["user"]["id"]
        client = self._client("webauthn.create", options, wrong)
        attested = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + self._cose()
        data = self._data(options["rp"]["id"], ATTESTED, wrong) + attested
        attestation = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        response = {"clientDataJSON": text(client), "attestationObject": text(attestation)}
        return self._credential(response | {"transports": ["internal", "hybrid", "telepathy"]})

    def get(self, options: dict[str, Any], **wrong: Any) -> str:
        client = self._client("webauthn.get", options, wrong)
        data = self._data(options["rpId"], 0, wrong)
        signature = self.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": text(client),
            "authenticatorData": text(data),
            "signature": text(wrong.get("signature", signature)),
            "userHandle": wrong.get("user_handle", self.user_handle),
        }
        return self._credential(response)

    def _client(self, kind: str, options: dict[str, Any], wrong: dict[str, Any]) -> bytes:
        client = {
            "type": wrong.get("type", kind),
            "challenge": wrong.get("challenge", options["challenge"]),
            "origin": wrong.get("origin", self.origin),
            "crossOrigin": wrong.get("cross_origin", False),
        }
        return json.dumps(client | wrong.get("client", {})).encode()

    def _data(self, rp_id: str, more: int, wrong: dict[str, Any]) -> bytes:
        flags = wrong.get("flags", self.flags) | more
        hashed = hashlib.sha256(wrong.get("rp_id", rp_id).encode()).digest()
        return hashed + struct.pack(">BI", flags, wrong.get("count", self.count))

    def _credential(self, response: dict[str, Any]) -> str:
        known = text(self.credential_id)
        return json.dumps({"id": known, "rawId": known, "type": "public-key", "response": response})

    def _cose(self) -> bytes:
        numbers = self.private.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        return encode_cbor({1: 2, 3: -7, -1: 1, -2: x, -3: y})
