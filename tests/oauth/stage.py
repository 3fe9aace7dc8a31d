"""A provider on a stage: it answers what a flow asks, as its fixture says, and keeps what it was asked."""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from vestibule.crypto.signing import create_signing_key, public_jwk, sign
from vestibule.flow import HttpRequest, HttpResponse, run
from vestibule.oauth import Beginning, Client, ProviderSignIn, Transaction, Upstream, oidc

NOW = 1_800_000_000
CLIENT_ID = "app-1"
SECRET = "s3cret&+/ ="
KID = "key-1"
REDIRECT = "https://app.example.com/auth/callback"
ISSUER = "https://id.example.com"
Answer = HttpResponse | Exception | Callable[[HttpRequest], HttpResponse]


@cache
def _key(name: str) -> RSAPrivateKey:
    return create_signing_key()


def signing_key(name: str = KID) -> RSAPrivateKey:
    return _key(name)


def basic(client_id: str = CLIENT_ID, secret: str = SECRET) -> str:
    return "Basic " + b64encode(f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()).decode()


def answer(body: object, status: int = 200, **headers: str) -> HttpResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpResponse(status, json.dumps(body).encode(), {"content-type": "application/json", **named})


def key_set(*names: str) -> HttpResponse:
    return answer({"keys": [public_jwk(signing_key(name), kid=name) for name in names or (KID,)]})


def id_token(claims: Mapping[str, object], *, key: str = KID, kid: str | None = None) -> str:
    return sign(claims, signing_key(key), kid=kid or key, typ="JWT")


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def form_of(request: HttpRequest) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode(), keep_blank_values=True))


@dataclass
class Clock:
    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass
class Stage:
    """Answers by address without the query; `asked` are the requests, in order."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[HttpRequest] = field(default_factory=list)

    def send(self, request: HttpRequest) -> HttpResponse:
        self.asked.append(request)
        found = self.answers[request.url.partition("?")[0]]
        if isinstance(found, Exception):
            raise found
        return found(request) if callable(found) else found

    def requests(self, url: str) -> list[HttpRequest]:
        return [each for each in self.asked if each.url.partition("?")[0] == url]


class Issuer:
    """An OpenID provider of which everything can be changed, and somebody who signs in there."""

    def __init__(self, client: Client | None = None, **client_settings: Any) -> None:
        self.document: dict[str, object] = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "userinfo_endpoint": f"{ISSUER}/user",
            "jwks_uri": f"{ISSUER}/keys",
            "revocation_endpoint": f"{ISSUER}/revoke",
        }
        self.claims: dict[str, object] = {
            "iss": ISSUER,
            "sub": "ada",
            "aud": CLIENT_ID,
            "iat": NOW,
            "exp": NOW + 600,
        }
        self.user: dict[str, object] = {"sub": "ada", "email": "ada@example.com", "email_verified": True}
        self.tokens: dict[str, object] = {"access_token": "at-1", "token_type": "Bearer", "expires_in": 3600}
        self.sign: Callable[[Mapping[str, object]], str] = id_token
        self.clock = Clock()
        self.transaction: Transaction | None = None
        self.stage = Stage(
            {
                f"{ISSUER}/.well-known/openid-configuration": lambda _: answer(self.document),
                f"{ISSUER}/token": self._exchange,
                f"{ISSUER}/keys": key_set(),
                f"{ISSUER}/user": lambda _: answer(self.user),
                f"{ISSUER}/revoke": HttpResponse(200),
            }
        )
        settings = {"id": "acme", "client_id": CLIENT_ID, "client_secret": SECRET, **client_settings}
        self.upstream = Upstream(client or oidc(ISSUER, **settings), clock=self.clock)

    def begin(self, **options: Any) -> Beginning:
        beginning = run(self.upstream.begin(redirect_uri=REDIRECT, **options), self.stage.send)
        self.transaction = beginning.transaction
        return beginning

    def finish(self, **params: str) -> ProviderSignIn:
        transaction = self.transaction or self.begin().transaction
        callback = {"state": transaction.state, "code": "the-code", **params}
        return run(self.upstream.finish(callback, transaction), self.stage.send)

    def _exchange(self, request: HttpRequest) -> HttpResponse:
        nonce = self.transaction.nonce if self.transaction else None
        claims = {"nonce": nonce, **self.claims}
        claims = {name: value for name, value in claims.items() if value is not None}
        return answer({**self.tokens, "id_token": self.sign(claims)})
