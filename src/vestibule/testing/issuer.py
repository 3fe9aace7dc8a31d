"""An identity server in memory: it answers the requests that flows yield, with tokens that verify."""

import asyncio
import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from vestibule.crypto.pkce import challenge_of
from vestibule.crypto.seal import seal
from vestibule.crypto.signing import create_signing_key, key_id, public_jwk, sign
from vestibule.flow import HttpRequest, HttpResponse
from vestibule.session.config import Config
from vestibule.session.payload import Payload
from vestibule.testing.faults import Faults, refusal
from vestibule.testing.people import Grant, create_grant, create_user
from vestibule.wire import codes, paths

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

FIVE_MINUTES = 300


class TestIssuer(Faults):
    """Give it to `Auth(app, issuer.config, send=issuer)`, or let `sign_in` find the app's own.

    `requests` lists all it was asked. A refresh token works once: presented again, it is refused.
    """

    __test__ = False  # no test class, whatever pytest thinks of its name

    def __init__(
        self,
        config: Config | None = None,
        *,
        clock: Callable[[], float] = time.time,
        lifetime: int = FIVE_MINUTES,
    ) -> None:
        super().__init__()
        self.config = config or create_config()
        self.clock = clock
        self.lifetime = lifetime
        self.requests: list[HttpRequest] = []
        self.email = "ada@example.com"
        self.key = signing_key()
        self._lock = threading.Lock()
        self._refresh_tokens: dict[str, Grant] = {}
        self._codes: dict[str, tuple[Grant, str]] = {}

    def send(self, request: HttpRequest) -> HttpResponse:
        """A blocking sender."""
        with self._lock:
            self.requests.append(request)
            fault = self._fault(request)
            if fault is not None:
                return fault
            path = urlsplit(request.url).path
            if path == paths.AUTHENTICATE:
                return self._authenticate(json.loads(request.body))
            if path == paths.jwks_path(self.config.client_id):
                return _answer({"keys": [public_jwk(self.key)]})
            return HttpResponse(404)

    async def send_async(self, request: HttpRequest) -> HttpResponse:
        """An awaitable sender."""
        await asyncio.sleep(0)
        return self.send(request)

    def close(self) -> None:
        """There is nothing to close; senders have the method."""

    def authorize(self, url: str, *, email: str = "ada@example.com", **rights: object) -> str:
        """What a person does who follows an authorization URL and signs in: the callback URL they
        come back with. `rights` are those of `cookies`."""
        asked = dict(parse_qsl(urlsplit(url).query))
        grant = self._grant(email, {"organization_id": asked.get("organization_id"), **rights})
        code = secrets.token_urlsafe(24)
        self._codes[code] = (grant, asked["code_challenge"])
        answer = {"code": code, **({"state": asked["state"]} if "state" in asked else {})}
        redirect_uri = asked["redirect_uri"]
        return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(answer)}"

    def cookies(
        self, *, email: str = "ada@example.com", expires_in: float | None = None, **rights: object
    ) -> dict[str, str]:
        """The session cookie of somebody who is signed in: name and sealed value.

        `rights`: organization_id role roles permissions entitlements feature_flags impersonator
        authenticated_at claims, and under `user` fields of `User`. `expires_in=-1`: the access token
        ran out a second ago.
        """
        return self.cookie(self._grant(email, rights), expires_in=expires_in)

    def cookie(self, grant: Grant, *, expires_in: float | None = None) -> dict[str, str]:
        payload = Payload(
            access_token=self.access_token(grant, expires_in=expires_in),
            refresh_token=self.refresh_token(grant),
            user=grant.user,
            impersonator=grant.impersonator,
            authentication_method=grant.method,
        )
        return {self.config.cookie_name: seal(payload.to_cookie(), self.config.cookie_passwords[0])}

    def access_token(self, grant: Grant, *, expires_in: float | None = None) -> str:
        """A token such as the server's; claims of the grant come last and win."""
        expires_at = int(self.clock() + (self.lifetime if expires_in is None else expires_in))
        standard = {
            "iss": self.config.issuer or self.config.url,
            "aud": self.config.client_id,
            "client_id": self.config.client_id,
            "jti": secrets.token_hex(13),
            "iat": expires_at - self.lifetime,
            "exp": expires_at,
        }
        return sign(standard | grant.claims(), self.key, kid=key_id(self.key))

    def refresh_token(self, grant: Grant) -> str:
        token = secrets.token_urlsafe(32)
        self._refresh_tokens[token] = grant
        return token

    def end_sessions(self) -> None:
        """As an administrator would: no refresh token works any more."""
        self._refresh_tokens.clear()

    def rotate_key(self) -> None:
        """Sign with a new key from now on, and publish only that one."""
        self.key = create_signing_key()

    def requests_to(self, part: str) -> list[HttpRequest]:
        return [request for request in self.requests if part in request.url]

    def _grant(self, email: str, rights: Mapping[str, object]) -> Grant:
        now = self.clock()
        members = rights.get("user") or {}
        user = create_user(email, now=now, **members)  # type: ignore[arg-type]
        rest = {name: value for name, value in rights.items() if name != "user"}
        return create_grant(user, now=now, **rest)  # type: ignore[arg-type]

    def _authenticate(self, body: Mapping[str, str]) -> HttpResponse:
        if body.get("client_id") != self.config.client_id or body.get("client_secret") != self.config.api_key:
            return refusal(codes.INVALID_CLIENT, "Not this client, or not its secret.")
        if body.get("grant_type") == "authorization_code":
            grant, challenge = self._codes.pop(body.get("code", ""), (None, ""))
            if grant is None or challenge != challenge_of(body.get("code_verifier", "")):
                return refusal(codes.INVALID_GRANT, "No such code, or not this verifier.")
            return self._tokens(grant)
        if body.get("grant_type") == "refresh_token":
            grant = self._refresh_tokens.pop(body.get("refresh_token", ""), None)
            if grant is None:
                return refusal(codes.INVALID_GRANT, "Refresh token already exchanged.")
            return self._tokens(grant.moved(body.get("organization_id")))
        return refusal("unsupported_grant_type", "The test issuer does not know this grant.")

    def _tokens(self, grant: Grant) -> HttpResponse:
        body: dict[str, object] = {
            "user": grant.user.to_api(),
            "access_token": self.access_token(grant),
            "refresh_token": self.refresh_token(grant),
            "authentication_method": grant.method,
        }
        if grant.organization_id:
            body["organization_id"] = grant.organization_id
        if grant.impersonator:
            body["impersonator"] = grant.impersonator.to_cookie()
        return _answer(body)


def create_config(**settings: Any) -> Config:
    """Settings for an app under test."""
    return Config(**{**settings_for_tests(), **settings})


def settings_for_tests() -> dict[str, Any]:
    """Nobody's settings; the secrets are new each time."""
    return {
        "url": "https://id.example.com",
        "client_id": "client_test",
        "api_key": f"sk_test_{secrets.token_hex(8)}",
        "redirect_uri": "http://testserver/auth/callback",
        "cookie_passwords": (secrets.token_urlsafe(32),),
    }


@cache
def signing_key() -> "RSAPrivateKey":
    """One for all tests of a process: making one takes longer than most tests."""
    return create_signing_key()


def _answer(body: Mapping[str, object]) -> HttpResponse:
    return HttpResponse(200, json.dumps(body).encode(), {"content-type": "application/json"})
