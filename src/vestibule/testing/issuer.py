"""An identity server in memory: it answers the requests that flows yield, with tokens that verify."""

import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Unpack, cast
from urllib.parse import parse_qsl, urlencode, urlsplit

from vestibule.crypto.pkce import challenge_of
from vestibule.crypto.signing import create_signing_key, key_id, public_jwk, sign
from vestibule.flow import HttpRequest, HttpResponse
from vestibule.session.config import Config
from vestibule.session.payload import Payload
from vestibule.testing.faults import REFRESH, refusal
from vestibule.testing.people import Grant, create_grant, create_user
from vestibule.testing.rights import Rights, Who
from vestibule.testing.stand_in import StandIn
from vestibule.wire import codes, paths

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

FIVE_MINUTES = 300
REPLAY_WINDOW = 30


@dataclass(frozen=True, slots=True)
class _Use:
    """What became of a refresh token."""

    at: float
    successor: str = field(repr=False)


class TestIssuer(StandIn):
    """Give it to `Auth(app, issuer.config, send=issuer)`, or let `sign_in` find the app's own.

    `requests` lists all it was asked. A refresh token works once. Presented again within 30 seconds it brings
    the same successor, as long as that is unused; later it is refused, and its session is over.
    `organizations` has the names of those that it can name.
    """

    __test__ = False  # no test class, whatever pytest thinks of its name

    def __init__(
        self,
        config: Config | None = None,
        *,
        clock: Callable[[], float] = time.time,
        lifetime: int = FIVE_MINUTES,
    ) -> None:
        super().__init__(clock=clock)
        self.config = config or create_config()
        self.lifetime = lifetime
        self.email = "ada@example.com"
        self.organizations: dict[str, str] = {}
        self.key = signing_key()
        self._refresh_tokens: dict[str, Grant] = {}
        self._uses: dict[str, _Use] = {}
        self._codes: dict[str, tuple[Grant, str]] = {}

    def authorize(self, url: str, *, email: str = "ada@example.com", **rights: Unpack[Who]) -> str:
        """What a person does who follows an authorization URL and signs in: the callback URL they
        come back with. `rights` are those of `cookies`."""
        asked = dict(parse_qsl(urlsplit(url).query))
        if "organization" not in rights and "organization_id" not in rights:
            rights = {**rights, "organization_id": asked.get("organization_id")}
        code = secrets.token_urlsafe(24)
        with self._lock:
            self._codes[code] = (self._grant(email, rights), asked["code_challenge"])
        answer = {"code": code, **({"state": asked["state"]} if "state" in asked else {})}
        redirect_uri = asked["redirect_uri"]
        return self.way_back(f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(answer)}")

    def cookies(
        self, *, email: str = "ada@example.com", expires_in: float | None = None, **rights: Unpack[Who]
    ) -> dict[str, str]:
        """The session cookie of somebody who is signed in: name and sealed value.

        `expires_in=-1`: the access token ran out a second ago.
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
        return {self.config.cookie_name: self.config.sealer.seal(payload.to_cookie())}

    def access_token(self, grant: Grant, *, expires_in: float | None = None) -> str:
        """A token such as the server's; claims of the grant come last and win."""
        expires_at = int(self._now() + (self.lifetime if expires_in is None else expires_in))
        standard = {
            "iss": self.config.issuers[0],
            "aud": self.config.client_id,
            "client_id": self.config.client_id,
            "jti": secrets.token_hex(13),
            "iat": expires_at - self.lifetime,
            "exp": expires_at,
        }
        return sign(standard | grant.claims(), self.key, kid=key_id(self.key))

    def refresh_token(self, grant: Grant) -> str:
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._refresh_tokens[token] = grant
        return token

    def end_sessions(self) -> None:
        """As an administrator would: no refresh token works any more."""
        with self._lock:
            self._refresh_tokens.clear()

    def rotate_key(self) -> None:
        self.key = create_signing_key()

    def _grant(self, email: str, who: Who) -> Grant:
        now = self._now()
        user = create_user(email, now=now, **who.get("user", {}))
        rights = {name: value for name, value in who.items() if name != "user"}
        return create_grant(user, now=now, **cast("Rights", rights))

    def _answer(self, request: HttpRequest) -> HttpResponse:
        path = request.url.removeprefix(self.config.url)
        if path == paths.AUTHENTICATE:
            with self._lock:
                return self._authenticate(json.loads(request.body))
        if path == paths.jwks_path(self.config.client_id):
            return _answer({"keys": [public_jwk(self.key)]})
        return self._organization(path, request.headers.get("Authorization"))

    def _organization(self, path: str, credential: str | None) -> HttpResponse:
        above, _, named = path.rpartition("/")
        if above != paths.ORGANIZATIONS or named not in self.organizations:
            return HttpResponse(404)
        if credential != f"Bearer {self.config.api_key}":
            return HttpResponse(401)
        return _answer({"object": "organization", "id": named, "name": self.organizations[named]})

    def _authenticate(self, body: Mapping[str, str]) -> HttpResponse:
        if body.get("client_id") != self.config.client_id or body.get("client_secret") != self.config.api_key:
            return refusal(codes.INVALID_CLIENT, "Not this client, or not its secret.")
        if body.get("grant_type") == "authorization_code":
            grant, challenge = self._codes.pop(body.get("code", ""), (None, ""))
            if grant is None or challenge != challenge_of(body.get("code_verifier", "")):
                return refusal(codes.INVALID_GRANT, "No such code, or not this verifier.")
            return self._tokens(grant, self.refresh_token(grant))
        if body.get("grant_type") == REFRESH:
            return self._refresh(body.get("refresh_token", ""), body.get("organization_id"))
        return refusal("unsupported_grant_type", "The test issuer does not know this grant.")

    def _refresh(self, token: str, organization_id: str | None) -> HttpResponse:
        """By the rules of the server; its `identity/refreshing.py` says why."""
        grant, use, now = self._refresh_tokens.get(token), self._uses.get(token), self._now()
        if grant is not None and use is not None and now - use.at > REPLAY_WINDOW:
            self._end(grant.session_id)
            return _refused()
        if grant is None or (use is not None and use.successor in self._uses):
            return _refused()
        if use is None:
            use = self._uses[token] = _Use(now, self.refresh_token(grant))
        grant = self._refresh_tokens[use.successor].moved(organization_id)
        self._refresh_tokens[use.successor] = grant
        return self._tokens(grant, use.successor)

    def _end(self, session_id: str) -> None:
        others = {
            token: grant for token, grant in self._refresh_tokens.items() if grant.session_id != session_id
        }
        self._refresh_tokens = others

    def _tokens(self, grant: Grant, refresh_token: str) -> HttpResponse:
        body: dict[str, object] = {
            "user": grant.user.to_api(),
            "access_token": self.access_token(grant),
            "refresh_token": refresh_token,
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


def _refused() -> HttpResponse:
    return refusal(codes.INVALID_GRANT, "The refresh token is unknown, used, or its session has ended.")


def _answer(body: Mapping[str, object]) -> HttpResponse:
    return HttpResponse(200, json.dumps(body).encode(), {"content-type": "application/json"})
