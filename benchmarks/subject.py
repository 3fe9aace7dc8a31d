"""What is measured on our side: one realistic session, sealed once and read by everybody."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from vestibule.crypto.seal import seal, unseal
from vestibule.crypto.signing import create_signing_key, public_jwk, sign
from vestibule.flow import HttpRequest, HttpResponse, run
from vestibule.session.config import Config
from vestibule.session.core import Core
from vestibule.session.incoming import Incoming

URL = "https://id.example.com"
CLIENT_ID = "client_01JA0BENCH00000000000000000"
PASSWORD = "kX0vT3qLw9ZbR7mNcY2sHd8FgJ5pUeA1"
KEY_ID = "bench-key"
ONE_DAY = 86_400


class Subject:
    def __init__(self) -> None:
        self.key = create_signing_key()
        self.keys = {"keys": [public_jwk(self.key, kid=KEY_ID)]}
        self.payload = session_payload(sign(claims(), self.key, kid=KEY_ID))
        self.sealed = seal(self.payload, PASSWORD)
        self.config = Config(
            url=URL,
            client_id=CLIENT_ID,
            redirect_uri="https://app.example.com/callback",
            cookie_passwords=(PASSWORD,),
        )
        self._incoming = Incoming(
            method="GET", path="/", host="app.example.com", headers={"cookie": self.cookie}
        )
        self.operations: dict[str, Callable[[], object]] = {
            "seal": lambda: seal(self.payload, PASSWORD),
            "unseal": lambda: unseal(self.sealed, PASSWORD),
        }

    @property
    def cookie(self) -> str:
        return f"wos-session={self.sealed}"

    def facts(self) -> dict[str, Any]:
        """What the peers need to do the same work."""
        return {
            "password": PASSWORD,
            "payload": self.payload,
            "sealed": self.sealed,
            "keys": self.keys,
            "clientId": CLIENT_ID,
        }

    def loader(self, **settings: Any) -> Callable[[], object]:
        """From the sealed text to the session, with these settings; the peers are handed that text too."""
        core = Core(replace(self.config, **settings))

        def load() -> object:
            session = run(core.visit(self._incoming).load(), self.send)
            if session is None:
                raise RuntimeError("the benchmark's own session was refused")
            return session

        return load

    def send(self, request: HttpRequest) -> HttpResponse:
        """The only thing asked for is the key set, once: as with the peers, it is kept."""
        return HttpResponse(200, json.dumps(self.keys).encode())


def claims() -> dict[str, object]:
    now = int(time.time())
    return {
        "iss": URL,
        "aud": CLIENT_ID,
        "sub": "user_01JA0BENCH00000000000000000",
        "sid": "session_01JA0BENCH00000000000000000",
        "jti": "01JA0BENCH00000000000000001",
        "org_id": "org_01JA0BENCH00000000000000000",
        "role": "admin",
        "roles": ["admin"],
        "permissions": ["invoices:read", "invoices:write", "users:read", "users:delete"],
        "entitlements": ["audit-logs"],
        "feature_flags": ["new-home"],
        "auth_time": now,
        "iat": now,
        "exp": now + ONE_DAY,
    }


def session_payload(access_token: str) -> dict[str, object]:
    return {
        "accessToken": access_token,
        "refreshToken": "N4yq1s0cWJ8m2fZkT5xV7aLbEoRu3dHg",
        "user": {
            "object": "user",
            "id": "user_01JA0BENCH00000000000000000",
            "email": "ada@example.com",
            "emailVerified": True,
            "firstName": "Ada",
            "lastName": "Lovelace",
            "profilePictureUrl": None,
            "lastSignInAt": "2026-11-20T09:00:00.000Z",
            "locale": "en-GB",
            "createdAt": "2026-01-05T08:30:00.000Z",
            "updatedAt": "2026-11-20T09:00:00.000Z",
            "externalId": None,
            "metadata": {"plan": "team"},
        },
    }
